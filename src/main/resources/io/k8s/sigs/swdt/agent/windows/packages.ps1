# Kinds of change of programs for people: Chocolatey, and what it installs.

$Chocolatey = 'C:\ProgramData\chocolatey'
function Test-Chocolatey { [IO.File]::Exists("$Chocolatey\bin\choco.exe") }
# sha256: its package, whose own script installs it (docs.chocolatey.org, "Completely offline install")
$Kinds.chocolatey = @{
    # packages that others installed by it since show here, and keep it
    State = { param($a) if ([IO.Directory]::Exists("$Chocolatey\lib")) { (@([IO.Directory]::GetDirectories("$Chocolatey\lib") | ForEach-Object { [IO.Path]::GetFileName($_) }) | Sort-Object) -join ' ' } else { 'absent' } }
    # one that somebody installed serves as well
    Holds = { param($a) Test-Chocolatey }
    Save = { param($a) Save-Folders @($Chocolatey) }
    Apply = { param($a)
        $folder = "$($Run.D)\chocolatey"
        [void][IO.Directory]::CreateDirectory($folder)
        [void](Invoke-Checked "$env:SystemRoot\System32\tar.exe" @('-xf', $Run.Blob, '-C', $folder) 300)
        $env:ChocolateyInstall = $Chocolatey
        [void](Invoke-Checked "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" @('-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "$folder\tools\chocolateyInstall.ps1"))
        Remove-Tree $folder
    }
    Verify = { param($a) if (-not (Test-Chocolatey)) { throw 'its script left no choco.exe' } }
    Revert = { param($a) Restore-Folders }
}
# name: a package. What was there before stays, in whatever version
function Get-Package([string]$Name) {
    $listed = Invoke-Program "$Chocolatey\bin\choco.exe" @('list', '--limit-output', '--exact', $Name) 120 -Quiet
    if ($listed.Text -match "(?im)^$([regex]::Escape($Name))\|(\S+)") { $Matches[1] } else { 'absent' }
}
$Kinds.package = @{
    State = { param($a) if (Test-Chocolatey) { Get-Package $a.name } else { 'absent' } }
    Holds = { param($a) (Test-Chocolatey) -and (Get-Package $a.name) -ne 'absent' }
    Apply = { param($a)
        $done = Invoke-Program "$Chocolatey\bin\choco.exe" @('install', $a.name, '--yes', '--no-progress', '--limit-output') 1800
        # 1641 and 3010: done, and to be finished by a restart some time
        if (@(0, 1641, 3010) -notcontains $done.ExitCode) { $Run.Command = "choco install $($a.name)"; $Run.ExitCode = $done.ExitCode; throw "exit code $($done.ExitCode)" }
    }
    Verify = { param($a) if ((Get-Package $a.name) -eq 'absent') { throw "Chocolatey does not know of $($a.name) after its installation" } }
    Revert = { param($a) [void](Invoke-Checked "$Chocolatey\bin\choco.exe" @('uninstall', $a.name, '--yes', '--limit-output', '--remove-dependencies') 1800) }
}
