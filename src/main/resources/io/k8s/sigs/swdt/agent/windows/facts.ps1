# What a host is today. Reads only.

function Send-Fact { Send-Event 'fact' @args }
function Get-MachineValue([string]$Path, [string]$Name) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if (-not $key) { return '' }
    try { [string]$key.GetValue($Name, '', 'DoNotExpandEnvironmentNames') } finally { $key.Dispose() }
}
function Test-Administrator {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    (New-Object Security.Principal.WindowsPrincipal $identity).IsInRole((New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544'))
}
# the mark of the present start
function Get-Boot { [string](Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().Ticks }
function Get-Facts {
    $version = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    $system = Get-CimInstance -ClassName Win32_OperatingSystem
    Send-Fact 'time' (Get-Seconds)
    $build = Get-MachineValue $version 'CurrentBuild'
    Send-Fact 'os' 'Windows' 'windows' $build "$($system.Caption)".Trim() ''
    Send-Fact 'kernel' "$build.$(Get-MachineValue $version 'UBR')"
    Send-Fact 'installation' (Get-MachineValue $version 'InstallationType')
    Send-Fact 'powershell' "$($PSVersionTable.PSVersion)"
    Send-Fact 'arch' "$env:PROCESSOR_ARCHITECTURE"
    Send-Fact 'hostname' ([Net.Dns]::GetHostName())
    $domain = Get-CimInstance -ClassName Win32_ComputerSystem
    if ($domain.PartOfDomain) { Send-Fact 'domain' $domain.Domain }
    Send-Fact 'cpus' ([Environment]::ProcessorCount)
    Send-Fact 'memory' ($system.TotalVisibleMemorySize)
    Send-Fact 'boot' (Get-Boot)
    # by which the kubelet tells machines apart
    Send-Fact 'machine-id' (Get-MachineValue 'SYSTEM\HardwareConfig' 'LastConfig')
    Send-Fact 'administrator' $(if (Test-Administrator) { 'yes' } else { 'no' })
    $drive = New-Object IO.DriveInfo 'C'
    Send-Fact 'disk' 'C:' ([long]($drive.AvailableFreeSpace / 1024))
    foreach ($link in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
        if ($link.NetworkInterfaceType -eq 'Loopback') { continue }
        $mac = $link.GetPhysicalAddress().ToString() -replace '(..)(?=.)', '$1:'
        Send-Fact 'link' $link.Name $mac.ToLowerInvariant()
        foreach ($address in $link.GetIPProperties().UnicastAddresses) {
            if ($address.Address.AddressFamily -eq 'InterNetwork') { Send-Fact 'address' $link.Name "$($address.Address)/$($address.PrefixLength)" }
        }
    }
    foreach ($route in Get-NetRoute -AddressFamily IPv4) { if ($route.DestinationPrefix -ne '0.0.0.0/0') { Send-Fact 'route' $route.DestinationPrefix "$($route.InterfaceAlias)" } }
    foreach ($port in @([Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners() | ForEach-Object { $_.Port } | Sort-Object -Unique)) { Send-Fact 'port' $port }
    $sshd = Get-ServiceOrNull 'sshd'
    if ($sshd) { Send-Fact 'sshd' "$($sshd.StartType)" }
    if (-not "$(Get-MachineValue 'SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management' 'PagingFiles')".Trim()) { Send-Fact 'no-page-file' 'yes' }
    # what holds, group policies counted in
    $profiles = @(Get-Firewall { Get-NetFirewallProfile -PolicyStore ActiveStore })
    foreach ($firewall in $profiles) { Send-Fact 'firewall' $firewall.Name "$($firewall.Enabled)" "$($firewall.AllowLocalFirewallRules)" }
    if (-not $profiles.Count) { Send-Fact 'no-firewall' 'yes' }
    # with tamper protection exclusions are refused or forgotten
    if (Test-Defender) { try { if ((Get-MpComputerStatus).IsTamperProtected) { Send-Fact 'defender-managed' 'yes' } } catch { Write-Log "$_" } }
    # the variable's name only: its value may hold a login
    if (Get-MachineValue $Environment 'HTTPS_PROXY') { Send-Fact 'proxy' 'HTTPS_PROXY'; Send-Fact 'no-proxy' (Get-MachineValue $Environment 'NO_PROXY') }
    $chocolatey = Get-ChocolateyVersion
    if ($chocolatey) { Send-Fact 'chocolatey' $chocolatey }
    if (Test-RestartPending) { Send-Fact 'restart-pending' 'yes' }
    if (-not (Get-Command -Name 'Get-WindowsFeature' -ErrorAction SilentlyContinue)) { Send-Fact 'no-features' 'yes' }
    if ([IO.File]::Exists("$env:SystemRoot\System32\tar.exe")) { Send-Fact 'tool' 'tar.exe' }
    Get-ForeignFacts
    Get-AgentFacts
}
# traces of a Kubernetes, a runtime or a pod network
function Get-ForeignFacts {
    foreach ($path in 'C:\etc\kubernetes\kubelet.conf', 'C:\var\lib\kubelet\config.yaml', 'C:\etc\rancher', 'C:\k\kubelet.exe', 'C:\Program Files\containerd\containerd.exe', 'C:\Program Files\Docker\dockerd.exe', 'C:\etc\cni\net.d\10-flannel.conflist', 'C:\CalicoWindows') {
        if ([IO.File]::Exists($path) -or [IO.Directory]::Exists($path)) { Send-Fact 'foreign' $path }
    }
    foreach ($name in 'kubelet', 'containerd', 'docker', 'flanneld', 'kube-proxy', 'rke2', 'CalicoNode') { if (Get-ServiceOrNull $name) { Send-Fact 'foreign' "service $name" } }
}
# a program may be at work meanwhile: what it takes away is gone
function Get-AgentFacts {
    $owner = Get-Shared "$S\owner"
    if ($owner) { $lines = $owner -split "`n"; Send-Fact 'owner' $lines[0] $lines[1] $lines[2] $lines[3] }
    $lease = Get-Shared "$S\lease"
    if ($lease) { $lines = $lease -split "`n"; Send-Fact 'lease' $lines[0] ([long]$lines[1] - (Get-Seconds)) $lines[2] }
    $running = Get-Shared "$S\running"
    if ($running -and -not (Test-Free)) { Send-Fact 'running' $running.Trim() }
    foreach ($folder in Get-Entries) {
        $entry = Get-Shared "$folder\entry.json"
        if ($entry) { Send-Fact 'entry' ($entry | ConvertFrom-Json).key $(if ($null -ne (Get-Shared "$folder\after")) { 'complete' } else { 'begun' }) }
    }
    if ([IO.Directory]::Exists("$S\files")) { foreach ($file in [IO.Directory]::GetFiles("$S\files")) { if (-not $file.EndsWith('.swdt-part')) { Send-Fact 'blob' ([IO.Path]::GetFileName($file)) } } }
}

# What must be the same before the first change and after the last revert: one line a thing
function Get-Tree([string]$Path) {
    if (-not [IO.Directory]::Exists($Path)) { return }
    "folder $Path"
    $long = Get-LongPath $Path
    if (Test-Link $long) { return }
    foreach ($file in [IO.Directory]::GetFiles($long)) { "file $Path\$([IO.Path]::GetFileName($file)) $(([IO.FileInfo]$file).Length)" }
    foreach ($folder in [IO.Directory]::GetDirectories($long)) { Get-Tree "$Path\$([IO.Path]::GetFileName($folder))" }
}
# of a firewall whose service is switched off nothing can be read, and it filters nothing
function Get-Firewall([scriptblock]$What) { try { & $What } catch { Write-Log "$_" } }
# networks of pods; none where the service for them is not installed
function Get-Networks { try { Get-HnsNetwork | Where-Object { $_ } } catch { Write-Log "$_" } }
function Get-Footprint {
    foreach ($file in [IO.Directory]::GetFiles("$env:SystemRoot\System32\drivers\etc")) { "content $file $(Get-Sum $file)" }
    foreach ($root in 'C:\', $env:ProgramFiles, $env:ProgramData) { foreach ($entry in [IO.Directory]::GetFileSystemEntries($root)) { if ($entry -ne $S) { "name $entry" } } }
    foreach ($folder in 'C:\k', 'C:\etc', 'C:\opt', 'C:\var', 'C:\run', 'C:\Program Files\containerd', 'C:\ProgramData\containerd') { Get-Tree $folder }
    "path $((Get-MachinePath).Kind) $((Get-MachinePath).Text)"
    $services = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Services')
    foreach ($name in $services.GetSubKeyNames()) {
        # services of a user's session have names of their own in each
        if ($name -match '_[0-9a-f]{4,}$') { continue }
        $key = $services.OpenSubKey($name)
        # those of Windows come and go with its features and updates
        $image = if ($key) { "$($key.GetValue('ImagePath', '', 'DoNotExpandEnvironmentNames'))" }
        if ($key -and ([int]$key.GetValue('Type', 0) -band 0x30) -and $image -notmatch '^"?(%SystemRoot%|%windir%|\\SystemRoot|C:\\Windows)\\System32\\') { "service $name $image" }
        if ($key) { $key.Dispose() }
    }
    $overrides = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Policies\Microsoft\FeatureManagement\Overrides')
    if ($overrides) { 'key FeatureManagement\Overrides'; foreach ($name in $overrides.GetValueNames()) { "override $name $($overrides.GetValue($name))" } }
    "name $(Get-NextName)"
    "rdp $(Get-MachineValue 'SYSTEM\CurrentControlSet\Control\Terminal Server' 'fDenyTSConnections')"
    "updates $(Get-MachineValue 'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' 'NoAutoUpdate')"
    foreach ($rule in @(Get-Firewall { Get-NetFirewallRule })) { "firewall $($rule.Name)" }
    foreach ($firewall in @(Get-Firewall { Get-NetFirewallProfile })) { "profile $($firewall.Name) $($firewall.Enabled)" }
    if (Test-Defender) { foreach ($process in @((Get-MpPreference).ExclusionProcess)) { if ($process) { "defender $process" } } }
    foreach ($task in @(Get-ScheduledTask -TaskPath '\' -ErrorAction SilentlyContinue)) { if ($task.TaskName -notlike 'swdt-*') { "task $($task.TaskName)" } }
    foreach ($protocol in 'tcp', 'udp') { "ports $protocol $(Get-PortRange $protocol)" }
    foreach ($network in @(Get-Networks)) { "network $($network.Name)" }
    foreach ($link in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) { "link $($link.Name)" }
    foreach ($process in @(Get-Process)) { if (@('kubelet', 'containerd', 'kube-log-runner', 'kube-proxy', 'flanneld') -contains $process.ProcessName) { "process $($process.ProcessName)" } }
}
