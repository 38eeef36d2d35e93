# Kinds of change that any host knows: files, folders, programs, registry, PATH, services, firewall, features.

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
    if ([IO.File]::Exists($Path)) { [IO.File]::SetAttributes($Path, 'Normal') }
    if (-not [IO.File]::Exists("$($Run.E)\content")) { [IO.File]::Delete($Path); return }
    [IO.File]::WriteAllBytes($Path, [IO.File]::ReadAllBytes("$($Run.E)\content"))
    $saved = Get-Data
    [IO.File]::SetCreationTimeUtc($Path, (New-Object DateTime ([long]$saved.created), 'Utc'))
    [IO.File]::SetLastWriteTimeUtc($Path, (New-Object DateTime ([long]$saved.written), 'Utc'))
    [IO.File]::SetAttributes($Path, [IO.FileAttributes][int]$saved.attributes)
}
function Write-File([string]$Path, [byte[]]$Bytes) {
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Path))
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
        [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($a.path))
        if ([IO.File]::Exists($a.path)) { [IO.File]::Delete($a.path) }
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
function Get-ArchiveState($A) {
    if (-not $Run.E -or -not [IO.File]::Exists("$($Run.E)\names.json")) { return 'absent' }
    $lines = foreach ($name in @([IO.File]::ReadAllText("$($Run.E)\names.json") | ConvertFrom-Json)) { "$name $(Get-FileState "$($A.folder)\$name")" }
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
        foreach ($name in @([IO.File]::ReadAllText("$($Run.E)\names.json") | ConvertFrom-Json)) {
            $target = "$($a.folder)\$name"
            [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
            if ([IO.File]::Exists($target)) { [IO.File]::Delete($target) }
            [IO.File]::Move("$from\$name", $target)
        }
        Remove-Tree $aside
    }
    Revert = { param($a)
        foreach ($name in @([IO.File]::ReadAllText("$($Run.E)\names.json") | ConvertFrom-Json)) {
            $target = "$($a.folder)\$name"
            if ([IO.File]::Exists($target)) { [IO.File]::Delete($target) }
            if ([IO.File]::Exists("$($Run.E)\old\$name")) { [IO.File]::Move("$($Run.E)\old\$name", $target) }
        }
    }
}
# path
$Kinds.folder = @{
    State = { param($a) if ([IO.Directory]::Exists($a.path)) { 'folder' } else { 'absent' } }
    Holds = { param($a) [IO.Directory]::Exists($a.path) }
    Save = { param($a) Write-DurableText "$($Run.E)\folders.json" (ConvertTo-Json -InputObject (@(Get-MissingFolders $a.path) + $a.path) -Compress) }
    Apply = { param($a) [void][IO.Directory]::CreateDirectory($a.path) }
    Revert = { param($a) }
}

# --- registry: path below HKEY_LOCAL_MACHINE, name, kind (DWord, String...), value as text, restarts (whether it takes effect with a restart)

function Get-RegistryState($A) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($A.path)
    if (-not $key) { return 'absent' }
    try {
        if (@($key.GetValueNames()) -notcontains $A.name) { return 'absent' }
        "$($key.GetValueKind($A.name)) $($key.GetValue($A.name, $null, 'DoNotExpandEnvironmentNames'))"
    } finally { $key.Dispose() }
}
function Set-RegistryValue([string]$Path, [string]$Name, [string]$Kind, $Value) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($Path)
    try { if ($Kind -eq 'DWord') { $key.SetValue($Name, [int]$Value, $Kind) } else { $key.SetValue($Name, $Value, $Kind) } } finally { $key.Dispose() }
}
$Kinds.registry = @{
    State = { param($a) Get-RegistryState $a }
    Holds = { param($a) (Get-RegistryState $a) -ceq "$($a.kind) $($a.value)" }
    Save = { param($a)
        $missing = @()
        $path = $a.path
        while ($path) {
            $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($path)
            if ($key) { $key.Dispose(); break }
            $missing += $path
            $cut = $path.LastIndexOf('\')
            if ($cut -lt 0) { break }
            $path = $path.Substring(0, $cut)
        }
        Save-Data @{ missing = $missing }
    }
    Apply = { param($a)
        Set-RegistryValue $a.path $a.name $a.kind $a.value
        if ($a.restarts) { Request-Restart }
    }
    Revert = { param($a)
        $was = [string]$Run.Step.was
        if ($was -ne 'absent') { $kind, $value = $was -split ' ', 2; Set-RegistryValue $a.path $a.name $kind $value; return }
        $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($a.path, $true)
        if ($key) { try { $key.DeleteValue($a.name, $false) } finally { $key.Dispose() } }
        # keys that were made for it, where nothing else came into them
        foreach ($path in (Get-Data).missing) {
            $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($path)
            if (-not $key) { continue }
            $empty = $key.SubKeyCount -eq 0 -and $key.ValueCount -eq 0
            $key.Dispose()
            if ($empty) { [Microsoft.Win32.Registry]::LocalMachine.DeleteSubKey($path, $false) }
        }
    }
}
# folder: in the machine's PATH, whose other parts and kind stay as they are
$Environment = 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
function Get-MachinePath {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Environment)
    try { @{ Kind = [string]$key.GetValueKind('Path'); Text = [string]$key.GetValue('Path', '', 'DoNotExpandEnvironmentNames') } } finally { $key.Dispose() }
}
function Test-InPath([string]$Folder) { @((Get-MachinePath).Text.Split(';') | ForEach-Object { $_.TrimEnd('\') }) -contains $Folder }
$Kinds.path = @{
    State = { param($a) if (Test-InPath $a.folder) { 'present' } else { 'absent' } }
    Holds = { param($a) Test-InPath $a.folder }
    Apply = { param($a)
        $path = Get-MachinePath
        $between = ';'
        if ($path.Text -eq '' -or $path.Text.EndsWith(';')) { $between = '' }
        Set-RegistryValue $Environment 'Path' $path.Kind ($path.Text + $between + $a.folder)
        $env:Path = "$env:Path;$($a.folder)"
    }
    Revert = { param($a)
        $path = Get-MachinePath
        $text = $path.Text
        foreach ($form in ";$($a.folder)", "$($a.folder);", $a.folder) {
            $at = $text.LastIndexOf($form, [StringComparison]::OrdinalIgnoreCase)
            if ($at -ge 0) { $text = $text.Remove($at, $form.Length); break }
        }
        Set-RegistryValue $Environment 'Path' $path.Kind $text
    }
}

# --- services

function Get-ServiceOrNull([string]$Name) { Get-Service -Name $Name -ErrorAction SilentlyContinue }
function Test-ServiceKey([string]$Name) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey("SYSTEM\CurrentControlSet\Services\$Name")
    if (-not $key) { return $false }
    $key.Dispose()
    $true
}
function Get-CommandLine([string]$Name) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey("SYSTEM\CurrentControlSet\Services\$Name")
    if (-not $key) { return '' }
    try { [string]$key.GetValue('ImagePath', '', 'DoNotExpandEnvironmentNames') } finally { $key.Dispose() }
}
# programs in our folders: a service that does not end by itself is ended by them, never by name alone
function Stop-Programs([string[]]$Paths) {
    foreach ($process in @(Get-Process)) {
        $path = ''
        try { $path = [string]$process.Path } catch { continue }
        if ($path -and $Paths -contains $path) { try { $process.Kill(); [void]$process.WaitForExit(5000) } catch { Write-Log "$_" } }
    }
}
function Stop-OwnService([string]$Name, [string[]]$Programs) {
    $service = Get-ServiceOrNull $Name
    if ($service -and $service.Status -ne 'Stopped') {
        [void](Invoke-Program 'sc.exe' @('stop', $Name) 60)
        [void](Wait-For { $now = Get-ServiceOrNull $Name; -not $now -or $now.Status -eq 'Stopped' } 15)
    }
    Stop-Programs $Programs
}
# name, commandLine, depends, start, ready (a command that succeeds once it serves), programs, owns (folders that it fills), basis
$Kinds.service = @{
    Always = $true
    State = { param($a)
        $service = Get-ServiceOrNull $a.name
        if (-not $service) { return 'absent' }
        $status = 'other'
        if ($a.start) { $status = [string]$service.Status }
        "$status $(Get-CommandLine $a.name)"
    }
    Holds = { param($a) Test-Journalled $Run.Step }
    Save = { param($a) Save-Folders $a.owns }
    Apply = { param($a)
        foreach ($folder in @($a.owns)) { [void][IO.Directory]::CreateDirectory($folder) }
        if (-not (Get-ServiceOrNull $a.name)) {
            $more = @{}
            if (@($a.depends).Count) { $more.DependsOn = @($a.depends) }
            [void](New-Service -Name $a.name -BinaryPathName $a.commandLine -StartupType Automatic @more)
        } elseif ((Get-CommandLine $a.name) -cne $a.commandLine) {
            Stop-OwnService $a.name @($a.programs)
            Set-RegistryValue "SYSTEM\CurrentControlSet\Services\$($a.name)" 'ImagePath' 'ExpandString' $a.commandLine
        } elseif ($a.start) {
            Stop-OwnService $a.name @($a.programs)
        }
        [void](Invoke-Checked 'sc.exe' @('failure', $a.name, 'reset=', '86400', 'actions=', 'restart/5000/restart/5000/restart/15000') 60)
        if ($a.start) {
            Start-Service -Name $a.name
            if (@($a.ready).Count) {
                $command, $arguments = @($a.ready)
                if (-not (Wait-For { (Invoke-Program $command @($arguments) 10 -Quiet).ExitCode -eq 0 } 90)) { [void](Invoke-Checked $command @($arguments) 10) }
            }
        }
    }
    Verify = { param($a)
        $service = Get-ServiceOrNull $a.name
        if (-not $service) { throw "there is no service $($a.name)" }
        if ($a.start -and $service.Status -ne 'Running') { throw "the service $($a.name) is $($service.Status)" }
    }
    Revert = { param($a)
        if ($a.name -eq 'containerd') { Remove-Containers }
        if (Get-ServiceOrNull $a.name) {
            Stop-OwnService $a.name @($a.programs)
            [void](Invoke-Program 'sc.exe' @('delete', $a.name) 60)
            if (-not (Wait-For { -not (Test-ServiceKey $a.name) } 30)) { throw "the service $($a.name) is marked to be deleted, and stays until the host restarts" }
        }
        Restore-Folders
    }
}
# folders that others fill for us: what was absent or empty before is emptied again
function Save-Folders($Folders) {
    $list = foreach ($folder in @($Folders)) {
        $was = 'absent'
        if ([IO.Directory]::Exists($folder)) { $was = 'empty'; if (@([IO.Directory]::GetFileSystemEntries($folder)).Count) { $was = 'full' } }
        @{ path = $folder; was = $was; missing = @(Get-MissingFolders $folder) }
    }
    Save-Data @{ folders = @($list) }
}
function Restore-Folders {
    foreach ($folder in (Get-Data).folders) {
        if ($folder.was -eq 'full' -or -not [IO.Directory]::Exists($folder.path)) { continue }
        Remove-Tree $folder.path
        if ($folder.was -eq 'empty') { [void][IO.Directory]::CreateDirectory($folder.path) }
        Remove-Folders $folder.missing
    }
}

# --- firewall, Defender, dynamic ports, features, restart

# name, title, protocol, port (empty where the protocol has none)
$Kinds.firewall = @{
    State = { param($a)
        $rule = Get-NetFirewallRule -Name $a.name -ErrorAction SilentlyContinue
        if (-not $rule) { return 'absent' }
        $filter = $rule | Get-NetFirewallPortFilter
        "$($rule.Enabled) $($rule.Direction) $($rule.Action) $($filter.Protocol) $(@($filter.LocalPort) -join ',')"
    }
    Apply = { param($a)
        $more = @{}
        if ($a.port) { $more.LocalPort = $a.port }
        Get-NetFirewallRule -Name $a.name -ErrorAction SilentlyContinue | Remove-NetFirewallRule
        [void](New-NetFirewallRule -Name $a.name -DisplayName $a.title -Direction Inbound -Action Allow -Protocol $a.protocol @more)
    }
    Revert = { param($a) Remove-NetFirewallRule -Name $a.name }
}
# process: not scanned by Defender, where there is one
function Test-Defender { [bool](Get-Command -Name 'Add-MpPreference' -ErrorAction SilentlyContinue) }
$Kinds.defender = @{
    State = { param($a) if ((Test-Defender) -and @((Get-MpPreference).ExclusionProcess) -contains $a.process) { 'excluded' } else { 'absent' } }
    Holds = { param($a) -not (Test-Defender) -or @((Get-MpPreference).ExclusionProcess) -contains $a.process }
    Apply = { param($a) Add-MpPreference -ExclusionProcess $a.process }
    Revert = { param($a) Remove-MpPreference -ExclusionProcess $a.process }
}
# protocol, first, count: ports that outgoing connections take. netsh's words are those of the system's language, its numbers are not
function Get-PortRange([string]$Protocol) {
    $shown = Invoke-Program 'netsh.exe' @('int', 'ipv4', 'show', 'dynamicport', $Protocol) 60 -Quiet
    $numbers = @([regex]::Matches($shown.Text, '(?m)\s(\d+)\s*$') | ForEach-Object { $_.Groups[1].Value })
    if ($numbers.Count -lt 2) { return 'unknown' }
    "$($numbers[-2]) $($numbers[-1])"
}
function Set-PortRange([string]$Protocol, [string]$First, [string]$Count) { [void](Invoke-Checked 'netsh.exe' @('int', 'ipv4', 'set', 'dynamicport', $Protocol, "start=$First", "num=$Count") 60) }
$Kinds.ports = @{
    State = { param($a) Get-PortRange $a.protocol }
    Holds = { param($a) (Get-PortRange $a.protocol) -eq "$($a.first) $($a.count)" }
    Apply = { param($a) Set-PortRange $a.protocol $a.first $a.count }
    Revert = { param($a) $first, $count = ([string]$Run.Step.was) -split ' '; if ($count) { Set-PortRange $a.protocol $first $count } }
}
# name: of a server's feature. It stays when the host is given back, unless it is to go (remove)
function Get-FeatureState([string]$Name) { [string](Get-WindowsFeature -Name $Name).InstallState }
$Kinds.feature = @{
    State = { param($a) $state = Get-FeatureState $a.name; if ($state -eq 'Available') { 'absent' } else { 'installed' } }
    Holds = { param($a) @('Installed', 'InstallPending') -contains (Get-FeatureState $a.name) }
    Apply = { param($a)
        $result = Install-WindowsFeature -Name $a.name -WarningAction SilentlyContinue
        if (-not $result.Success) { throw "the feature $($a.name) could not be installed: $($result.ExitCode)" }
        $Run.Detail = [string]$result.ExitCode
        if ("$($result.RestartNeeded)" -ne 'No') { Request-Restart }
    }
    Verify = { param($a) if (@('Installed', 'InstallPending') -notcontains (Get-FeatureState $a.name)) { throw "the feature $($a.name) is $(Get-FeatureState $a.name)" } }
    Revert = { param($a)
        if (-not $a.remove) { $Run.Detail = 'the feature stays (windows.removeFeatures)'; return }
        [void](Uninstall-WindowsFeature -Name $a.name -WarningAction SilentlyContinue)
        $Run.Detail = 'gone after the next restart'
    }
}
# no arguments: whatever waits for a restart gets it; the rest of the steps comes with a new program
function Request-Restart { [IO.File]::WriteAllText("$S\restart", (Get-Boot)) }
function Test-RestartPending {
    # asked for by a change of ours since the host started
    if ([IO.File]::Exists("$S\restart") -and [IO.File]::ReadAllText("$S\restart") -eq (Get-Boot)) { return $true }
    foreach ($path in 'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending', 'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired') {
        $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($path)
        if ($key) { $key.Dispose(); return $true }
    }
    $false
}
$Kinds.restart = @{
    State = { param($a) if (Test-RestartPending) { 'pending' } else { 'none' } }
    # a check knows what those before it would do
    Holds = { param($a) -not $Run.Restart -and -not (Test-RestartPending) }
    Apply = { param($a)
        $Run.Reboot = $true
        Complete-Program 'reboot' (Get-Boot)
    }
    Revert = { param($a) }
}
