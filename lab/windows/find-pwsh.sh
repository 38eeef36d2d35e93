#!/bin/bash
# Prints where PowerShell 7 for Windows (x64) is: a folder with pwsh.exe or a .tar.xz of one. Exit 1 with one line where there is none.
# Looked for in SWDT_PWSH (or PWSH): such a folder, such an archive, or a folder that holds pwsh-win-x64 or pwsh-win-x64.tar.xz.
set -euo pipefail
at=${PWSH:-${SWDT_PWSH:-}}
[ -n "$at" ] || { echo "no PowerShell for Windows: set SWDT_PWSH to a folder with pwsh.exe" >&2; exit 1; }
for f in "$at/pwsh.exe" "$at/pwsh-win-x64/pwsh.exe"; do [ ! -f "$f" ] || { dirname "$(realpath "$f")"; exit; }; done
for f in "$at" "$at/pwsh-win-x64.tar.xz"; do [ ! -f "$f" ] || { realpath "$f"; exit; }; done
echo "no pwsh.exe, pwsh-win-x64 or pwsh-win-x64.tar.xz in $at" >&2; exit 1
