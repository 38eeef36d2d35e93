# Kinds of change of the system: registry, PATH, services, firewall, Defender, ports, features, restart.

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
    try { if ($Kind -eq 'DWord') { $key.SetValue($Name, [int]$Value, $Kind) } else { $key.SetValue($Name, $Value, $Kind) }; $key.Flush() } finally { $key.Dispose() }
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
function Get-CommandLine([string]$Name) { Get-MachineValue "SYSTEM\CurrentControlSet\Services\$Name" 'ImagePath' }
# processes of programs by their whole paths, never by name alone
function Get-Processes([string[]]$Paths) {
    foreach ($process in @(Get-Process)) {
        try { if ($process.Path -and $Paths -contains $process.Path) { $process } } catch { continue }
    }
}
# a service that does not end by itself is ended by these
function Stop-Programs([string[]]$Paths) {
    foreach ($process in @(Get-Processes $Paths)) { try { $process.Kill(); [void]$process.WaitForExit(5000) } catch { Write-Log "$_" } }
}
function Stop-OwnService([string]$Name, [string[]]$Programs) {
    $service = Get-ServiceOrNull $Name
    if ($service -and $service.Status -ne 'Stopped') {
        [void](Invoke-Program 'sc.exe' @('stop', $Name) 60)
        # one that has ended without a word may stay in its state for a while
        [void](Wait-For { $now = Get-ServiceOrNull $Name; -not $now -or $now.Status -eq 'Stopped' -or -not @(Get-Processes $Programs).Count } 15)
    }
    Stop-Programs $Programs
}
# name, commandLine, depends, start, ready (a command that succeeds once it serves), log, programs, owns (folders that it fills), basis
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
        foreach ($folder in @($a.owns)) { Add-Folder $folder }
        $ran = $false
        if (-not (Get-ServiceOrNull $a.name)) {
            $more = @{}
            if (@($a.depends).Count) { $more.DependsOn = @($a.depends) }
            [void](New-Service -Name $a.name -BinaryPathName $a.commandLine -StartupType Automatic @more)
        } elseif ((Get-CommandLine $a.name) -cne $a.commandLine) {
            $ran = (Get-Service -Name $a.name).Status -eq 'Running'
            Stop-OwnService $a.name @($a.programs)
            Set-RegistryValue "SYSTEM\CurrentControlSet\Services\$($a.name)" 'ImagePath' 'ExpandString' $a.commandLine
        } elseif ($a.start) {
            Stop-OwnService $a.name @($a.programs)
        }
        [void](Invoke-Checked 'sc.exe' @('failure', $a.name, 'reset=', '86400', 'actions=', 'restart/5000/restart/5000/restart/15000') 60)
        # one that somebody else starts, and did, runs again
        if ($a.start -or $ran) {
            try {
                Start-Service -Name $a.name
                if (@($a.ready).Count) {
                    $command, $arguments = @($a.ready)
                    # one that has ended by itself will not serve any more
                    [void](Wait-For { (Get-Service -Name $a.name).Status -eq 'Stopped' -or (Invoke-Program $command @($arguments) 10 -Quiet).ExitCode -eq 0 } 90)
                    [void](Invoke-Checked $command @($arguments) 10)
                }
            } catch {
                Write-Tail $a.log
                throw "the service $($a.name) is $((Get-Service -Name $a.name).Status) and does not serve: $($_.Exception.Message)"
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

# name, arguments (PowerShell's), programs (that it starts), owns (folders that these fill), basis: a task that the system runs at each start
$Kinds.task = @{
    Always = $true
    State = { param($a) if (Get-ScheduledTask -TaskName $a.name -ErrorAction SilentlyContinue) { 'registered' } else { 'absent' } }
    Save = { param($a) Save-Folders $a.owns }
    Apply = { param($a)
        foreach ($folder in @($a.owns)) { Add-Folder $folder }
        if (Get-ScheduledTask -TaskName $a.name -ErrorAction SilentlyContinue) { Stop-Task $a }
        $trigger = New-ScheduledTaskTrigger -AtStartup
        [void](Register-ScheduledTask -TaskName $a.name -Action (New-SystemAction $a.arguments) -Trigger $trigger -Principal (New-SystemPrincipal) -Settings (New-SystemSettings) -Force)
        Start-ScheduledTask -TaskName $a.name
    }
    Verify = { param($a) if (-not (Get-ScheduledTask -TaskName $a.name -ErrorAction SilentlyContinue)) { throw "there is no task $($a.name)" } }
    Revert = { param($a)
        if (Get-ScheduledTask -TaskName $a.name -ErrorAction SilentlyContinue) {
            Stop-Task $a
            Unregister-ScheduledTask -TaskName $a.name -Confirm:$false
        }
        Restore-Folders
    }
}
function Stop-Task($A) {
    Stop-ScheduledTask -TaskName $A.name -ErrorAction SilentlyContinue
    Stop-Programs @($A.programs | Where-Object { $_ -ne 'C:\k\kube-log-runner.exe' })
}
function New-SystemAction([string]$Arguments) { New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" -Argument $Arguments }
function New-SystemPrincipal { New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -RunLevel Highest }
# 7, the default, is below that of containers, and what a task starts inherits it
function New-SystemSettings { New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit ([TimeSpan]::Zero) -Priority 4 }

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
# no arguments: the firewall is off for all kinds of networks
function Get-Profiles { (@(Get-Firewall { Get-NetFirewallProfile }) | Sort-Object Name | ForEach-Object { "$($_.Name)=$($_.Enabled)" }) -join ' ' }
$Kinds.profiles = @{
    State = { param($a) Get-Profiles }
    Holds = { param($a) -not @(Get-Firewall { Get-NetFirewallProfile } | Where-Object { "$($_.Enabled)" -ne 'False' }).Count }
    Apply = { param($a) foreach ($firewall in @(Get-NetFirewallProfile)) { Set-NetFirewallProfile -Name $firewall.Name -Enabled False } }
    Revert = { param($a) foreach ($pair in ([string]$Run.Step.was) -split ' ') { $name, $enabled = $pair -split '='; Set-NetFirewallProfile -Name $name -Enabled $enabled } }
}
# process: not scanned by Defender, where there is one
# where another guard has taken its place, its cmdlets are there and fail
function Test-Defender { if (-not (Get-Command -Name 'Add-MpPreference' -ErrorAction SilentlyContinue)) { return $false }; try { [bool](Get-MpPreference) } catch { Write-Log "$_"; $false } }
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
        # its ways to fail: an error that ends it, and an answer that says so
        try { $result = Install-WindowsFeature -Name $a.name -WarningAction SilentlyContinue } catch { throw "the feature $($a.name) could not be installed: $($_.Exception.Message.Trim())$(if ($a.name -eq 'Hyper-V') { ' A virtual machine needs nested virtualization from its own host' })" }
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
# name: the computer's, which holds from the next start on (restarts)
$Tcpip = 'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters'
function Get-NextName { (Get-MachineValue $Tcpip 'NV Hostname').ToLowerInvariant() }
$Kinds.hostname = @{
    State = { param($a) Get-NextName }
    Holds = { param($a) (Get-NextName) -eq $a.name }
    Apply = { param($a) Rename-Computer -NewName $a.name -Force -WarningAction SilentlyContinue; Request-Restart }
    Verify = { param($a) if ((Get-NextName) -ne $a.name) { throw "the computer's name stays $(Get-NextName)" } }
    Revert = { param($a)
        Rename-Computer -NewName $Run.Step.was -Force -WarningAction SilentlyContinue
        $Run.Detail = "its name is $($Run.Step.was) again after the next restart"
    }
}
# no arguments: whatever waits for a restart gets it; the rest of the steps comes with a new program
function Request-Restart { [IO.File]::WriteAllText("$S\restart", (Get-Boot)) }
function Test-RestartPending {
    # asked for by a change of ours since the host started
    if ([IO.File]::Exists("$S\restart") -and [IO.File]::ReadAllText("$S\restart") -eq (Get-Boot)) { return $true }
    if ((Get-NextName) -ne (Get-MachineValue $Tcpip 'Hostname')) { return $true }
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
        # late enough for this program to end; 1190: one is on its way already
        $asked = Invoke-Program "$env:SystemRoot\System32\shutdown.exe" @('/r', '/t', '5', '/d', 'p:2:4') 60
        if (@(0, 1190) -notcontains $asked.ExitCode) { throw "the host could not be restarted (exit code $($asked.ExitCode)): $($asked.Text)" }
        Complete-Program 'reboot' (Get-Boot)
    }
    Revert = { param($a) }
}
