# Kinds of change of files: text, blocks of text, programs, archives, folders.

# --- files: what stood there is kept in the entry

function Get-FileState([string]$Path) {
    if ([IO.Directory]::Exists($Path)) { return 'folder' }
    if (-not [IO.File]::Exists($Path)) { return 'absent' }
    Get-Sum $Path
}
function Save-File([string]$Path) {
    Write-DurableText "$($Run.E)\folders.json" (ConvertTo-Json -InputObject @(Get-MissingFolders $Path) -Compress)
    if (-not [IO.File]::Exists($Path)) { return }
    Write-Durable "$($Run.E)\content" ([IO.File]::ReadAllBytes($Path))
    $info = [IO.FileInfo]$Path
    # as numbers: text that looks like a time would be made one on the way back
    Save-Data @{ attributes = [int]$info.Attributes; written = $info.LastWriteTimeUtc.Ticks; created = $info.CreationTimeUtc.Ticks }
}
function Restore-File([string]$Path) {
    Remove-File $Path
    if (-not [IO.File]::Exists("$($Run.E)\content")) { return }
    [IO.File]::WriteAllBytes($Path, [IO.File]::ReadAllBytes("$($Run.E)\content"))
    $saved = Get-Data
    [IO.File]::SetCreationTimeUtc($Path, (New-Object DateTime ([long]$saved.created), 'Utc'))
    [IO.File]::SetLastWriteTimeUtc($Path, (New-Object DateTime ([long]$saved.written), 'Utc'))
    [IO.File]::SetAttributes($Path, [IO.FileAttributes][int]$saved.attributes)
}
function Write-File([string]$Path, [byte[]]$Bytes) {
    Add-Folder ([IO.Path]::GetDirectoryName($Path))
    Write-Durable $Path $Bytes
}
# path, text
$Kinds.file = @{
    State = { param($a) Get-FileState $a.path }
    Holds = { param($a) (Get-FileState $a.path) -ceq (Get-TextSum $a.text) }
    Save = { param($a) Save-File $a.path }
    Apply = { param($a) Write-File $a.path $Utf8.GetBytes($a.text) }
    Revert = { param($a) Restore-File $a.path }
}
# path, name, text: lines between two markers in a file that is the system's. Bytes as characters: its code page is not known
$Latin1 = [Text.Encoding]::GetEncoding(28591)
function Get-Block($A) {
    if (-not [IO.File]::Exists($A.path)) { return $null }
    $all = $Latin1.GetString([IO.File]::ReadAllBytes($A.path))
    $begin = $all.IndexOf("# BEGIN $($A.name)`r`n", [StringComparison]::Ordinal)
    $mark = "# END $($A.name)`r`n"
    $end = $all.IndexOf($mark, [StringComparison]::Ordinal)
    if ($begin -lt 0 -or $end -lt $begin) { return @{ All = $all; Text = $null } }
    @{ All = $all; Begin = $begin; End = $end + $mark.Length; Text = $all.Substring($begin, $end + $mark.Length - $begin) }
}
function Get-WantedBlock($A) { "# BEGIN $($A.name)`r`n" + ($A.text -split "`r?`n" -join "`r`n") + "`r`n# END $($A.name)`r`n" }
$Kinds.block = @{
    State = { param($a) $block = Get-Block $a; if ($block -and $block.Text) { Get-TextSum $block.Text } else { 'absent' } }
    Holds = { param($a) $block = Get-Block $a; [bool]($block -and $block.Text -ceq (Get-WantedBlock $a)) }
    Save = { param($a)
        Write-DurableText "$($Run.E)\folders.json" (ConvertTo-Json -InputObject @(Get-MissingFolders $a.path) -Compress)
        $block = Get-Block $a
        $text = ''
        $feed = $false
        if ($block -and $block.Text) { $text = $block.Text } elseif ($block) { $feed = $block.All -ne '' -and -not $block.All.EndsWith("`n") }
        Save-Data @{ file = [bool]$block; text = $text; feed = $feed }
    }
    Apply = { param($a)
        $block = Get-Block $a
        $wanted = Get-WantedBlock $a
        if (-not $block) { $all = $wanted }
        elseif ($block.Text) { $all = $block.All.Remove($block.Begin, $block.End - $block.Begin).Insert($block.Begin, $wanted) }
        elseif ($block.All -ne '' -and -not $block.All.EndsWith("`n")) { $all = $block.All + "`r`n" + $wanted }
        else { $all = $block.All + $wanted }
        Write-File $a.path $Latin1.GetBytes($all)
    }
    Revert = { param($a)
        $block = Get-Block $a
        if (-not $block -or -not $block.Text) { return }
        $saved = Get-Data
        $from = $block.Begin
        if ($saved.feed -and $from -ge 2 -and $block.All.Substring($from - 2, 2) -eq "`r`n") { $from -= 2 }
        $all = $block.All.Remove($from, $block.End - $from).Insert($from, $saved.text)
        if ($all -eq '' -and -not $saved.file) { [IO.File]::Delete($a.path) } else { [IO.File]::WriteAllBytes($a.path, $Latin1.GetBytes($all)) }
    }
}
# path, sha256: an uploaded file at its place
$Kinds.program = @{
    State = { param($a) Get-FileState $a.path }
    Holds = { param($a) (Get-FileState $a.path) -ceq $a.sha256 }
    Save = { param($a) Save-File $a.path }
    Apply = { param($a)
        Add-Folder ([IO.Path]::GetDirectoryName($a.path))
        Remove-File $a.path
        [IO.File]::Move($Run.Blob, $a.path)
    }
    Verify = { param($a) if ((Get-FileState $a.path) -cne $a.sha256) { throw "$($a.path) is not what was uploaded" } }
    Revert = { param($a) Restore-File $a.path }
}
# folder, from, sha256: files of an uploaded tar.gz below a folder
function Get-Members([string]$Archive) {
    $listed = Invoke-Program "$env:SystemRoot\System32\tar.exe" @('-tf', $Archive) 300 -Quiet
    if ($listed.ExitCode -ne 0) { throw "the archive cannot be read: $($listed.Text)" }
    @($listed.Text -split "`r?`n" | Where-Object { $_ -and -not $_.EndsWith('/') })
}
# below the folder that is asked for, by names of Windows
function Get-Targets($A, [string[]]$Members) {
    foreach ($member in $Members) {
        $name = $member -replace '^\./', ''
        if ($A.from -ne '.') { if (-not $name.StartsWith($A.from + '/')) { continue }; $name = $name.Substring($A.from.Length + 1) }
        $name = $name.Replace('/', '\')
        if ($name -match '(^|\\)\.\.(\\|$)' -or $name -match ':' -or $name.StartsWith('\')) { throw "the archive holds $member, which leads elsewhere" }
        $name
    }
}
# in parentheses of its own: Windows PowerShell gives a list as one object, and @() would make that its only element (PowerShell#3424)
function Get-Names { @(([IO.File]::ReadAllText("$($Run.E)\names.json") | ConvertFrom-Json)) }
function Get-ArchiveState($A) {
    if (-not $Run.E -or -not [IO.File]::Exists("$($Run.E)\names.json")) { return 'absent' }
    $lines = foreach ($name in Get-Names) { "$name $(Get-FileState "$($A.folder)\$name")" }
    Get-TextSum ($lines -join "`n")
}
$Kinds.archive = @{
    Always = $true
    State = { param($a) Get-ArchiveState $a }
    Save = { param($a)
        $names = @(Get-Targets $a (Get-Members $Run.Blob))
        Write-DurableText "$($Run.E)\names.json" (ConvertTo-Json -InputObject $names -Compress)
        $folders = @()
        foreach ($name in $names) {
            foreach ($folder in Get-MissingFolders "$($a.folder)\$name") { if ($folders -notcontains $folder) { $folders += $folder } }
            if ([IO.File]::Exists("$($a.folder)\$name")) { Write-File "$($Run.E)\old\$name" ([IO.File]::ReadAllBytes("$($a.folder)\$name")) }
        }
        Write-DurableText "$($Run.E)\folders.json" (ConvertTo-Json -InputObject $folders -Compress)
    }
    Apply = { param($a)
        $aside = "$($Run.D)\archive"
        Remove-Tree $aside
        [void][IO.Directory]::CreateDirectory($aside)
        [void](Invoke-Checked "$env:SystemRoot\System32\tar.exe" @('-xf', $Run.Blob, '-C', $aside))
        $from = $aside
        if ($a.from -ne '.') { $from = "$aside\$($a.from.Replace('/', '\'))" }
        foreach ($name in Get-Names) {
            $target = "$($a.folder)\$name"
            Add-Folder ([IO.Path]::GetDirectoryName($target))
            Remove-File $target
            [IO.File]::Move("$from\$name", $target)
        }
        Remove-Tree $aside
    }
    Revert = { param($a)
        foreach ($name in Get-Names) {
            $target = "$($a.folder)\$name"
            Remove-File $target
            if ([IO.File]::Exists("$($Run.E)\old\$name")) { [IO.File]::Move("$($Run.E)\old\$name", $target) }
        }
    }
}
# path
$Kinds.folder = @{
    State = { param($a) if ([IO.Directory]::Exists($a.path)) { 'folder' } else { 'absent' } }
    Holds = { param($a) [IO.Directory]::Exists($a.path) }
    Save = { param($a) Write-DurableText "$($Run.E)\folders.json" (ConvertTo-Json -InputObject (@(Get-MissingFolders $a.path) + $a.path) -Compress) }
    Apply = { param($a) Add-Folder $a.path }
    Revert = { param($a) }
}
