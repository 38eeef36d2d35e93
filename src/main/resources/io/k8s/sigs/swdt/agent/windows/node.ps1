# Kinds of change that make a host a node: kubeadm join, and what containerd keeps.

# folders that kubeadm, the kubelet and pods fill; the program that a stopped kubelet may leave (what keeps its log ends with it)
$NodeFolders = 'C:\etc\kubernetes', 'C:\var\lib\kubelet', 'C:\var\lib\cni', 'C:\var\log\pods', 'C:\var\log\containers', 'C:\run\flannel', 'C:\usr\libexec\kubernetes'
$KubeletPrograms = @('C:\k\kubelet.exe')
# document, endpoint: kubeadm's configuration but for the token. All of it is the step's secret
function Test-Joined { [IO.File]::Exists('C:\etc\kubernetes\kubelet.conf') -and [IO.File]::Exists('C:\var\lib\kubelet\config.yaml') }
# what kubeadm reset and a join that failed leave, and the next join refuses to replace: an earlier join of ours brought it
function Remove-Joined { foreach ($name in 'pki\ca.crt', 'bootstrap-kubelet.conf', 'kubelet.conf') { [IO.File]::Delete("C:\etc\kubernetes\$name") } }
$Kinds.join = @{
    Always = $true
    State = { param($a) if (Test-Joined) { 'joined' } else { 'absent' } }
    Holds = { param($a) (Test-Complete $Run.Step.key) -and (Test-Joined) }
    Save = { param($a) Save-Folders $NodeFolders }
    Apply = { param($a)
        foreach ($folder in $NodeFolders + 'C:\etc\kubernetes\manifests') { Add-Folder $folder }
        # the kubelet must be found by its name; a session's PATH is that of the time when it began
        if (-not (";$env:Path;" -like '*;C:\k;*')) { $env:Path = "$env:Path;C:\k" }
        if (@(Get-Entries | Where-Object { (Read-Entry $_).key -ceq $Run.Step.key }).Count -gt 1) { Remove-Joined }
        # no program can start a service in this state
        if (-not (Wait-For { "$((Get-Service -Name 'kubelet').Status)" -ne 'StopPending' } 30)) { throw 'the service kubelet does not come to its end (STOP_PENDING): restart the host, then run the same command again' }
        $file = "$($Run.D)\join"
        [IO.File]::WriteAllText($file, $Run.Secret, $Utf8)
        try {
            # a node that was reset by hand counts as Ready for most of a minute, and kubeadm refuses to join another of its name
            $watch = [Diagnostics.Stopwatch]::StartNew()
            do {
                $joined = Invoke-Program 'C:\k\kubeadm.exe' @('join', '--config', $file)
                $again = $joined.ExitCode -ne 0 -and $joined.Text -match 'already exists in the cluster' -and $watch.Elapsed.TotalSeconds -lt 80
                if ($again) { Start-Sleep -Seconds 5; Remove-Joined }
            } while ($again)
            if ($joined.ExitCode -ne 0) { $Run.Command = "kubeadm join"; $Run.ExitCode = $joined.ExitCode; throw "exit code $($joined.ExitCode)" }
        } catch { Write-Tail 'C:\var\log\kubelet\kubelet.log'; throw } finally { [IO.File]::Delete($file) }
    }
    Verify = { param($a) if (-not [IO.File]::Exists('C:\etc\kubernetes\kubelet.conf')) { throw 'kubeadm left no kubelet.conf' } }
    Revert = { param($a)
        Stop-OwnService 'kubelet' $KubeletPrograms
        Restore-Folders
    }
}
# pods, containers, snapshots and images, while containerd can still take them apart: the layers of Windows are no ordinary folders
$Layers = 'C:\ProgramData\containerd\root\io.containerd.snapshotter.v1.windows\snapshots'
function Test-Layers { [IO.Directory]::Exists($Layers) -and @([IO.Directory]::GetFileSystemEntries($Layers)).Count -gt 0 }
function Remove-Containers {
    $ctr = 'C:\Program Files\containerd\ctr.exe'
    if (-not [IO.File]::Exists($ctr)) { return }
    $answers = { (Invoke-Program $ctr @('--connect-timeout', '2s', '-n', 'k8s.io', 'version') 20 -Quiet).ExitCode -eq 0 }
    if (-not (& $answers)) {
        if (-not (Test-Layers)) { return }
        Start-Service -Name 'containerd' -ErrorAction SilentlyContinue
        if (-not (Wait-For $answers 60)) { throw "containerd does not answer, and nothing else takes apart the layers in ${Layers}: start its service, then run the same command again" }
    }
    foreach ($kind in 'tasks', 'containers', 'snapshots', 'images') {
        $listed = Invoke-Program $ctr @('-n', 'k8s.io', $kind, 'ls', '-q') 60 -Quiet
        if ($kind -eq 'snapshots') { $listed = Invoke-Program $ctr @('-n', 'k8s.io', 'snapshots', 'ls') 60 -Quiet }
        $names = @($listed.Text -split "`r?`n" | ForEach-Object { ($_ -split '\s+')[0] } | Where-Object { $_ -and $_ -ne 'KEY' })
        # what others stand on goes last
        [array]::Reverse($names)
        foreach ($name in $names) {
            if ($kind -eq 'tasks') { [void](Invoke-Program $ctr @('-n', 'k8s.io', 'tasks', 'kill', '-a', '-s', 'SIGKILL', $name) 60) }
            [void](Invoke-Program $ctr @('-n', 'k8s.io', $kind, 'rm', $name) 120)
        }
    }
    # up to here only names are gone: the end of a lease has containerd collect what nothing refers to any more
    [void](Invoke-Program $ctr @('-n', 'k8s.io', 'leases', 'create', '--id', 'swdt') 60)
    [void](Invoke-Program $ctr @('-n', 'k8s.io', 'leases', 'rm', '--sync', 'swdt') 600)
    if (-not (Wait-For { -not (Test-Layers) } 180)) { throw "containerd has not taken apart all layers in ${Layers}: run the same command again" }
}

# path, server, account: a kubeconfig for a service account. The token is the step's secret; it lies beside it, for the system and administrators only.
# The host makes the next one itself (network.ps1); one that is old nevertheless was switched off for long
$Kinds.kubeconfig = @{
    Always = $true
    State = { param($a) if ([IO.File]::Exists($a.path) -and [IO.File]::Exists("$($a.path).token")) { Get-Sum $a.path } else { 'absent' } }
    Holds = { param($a) (Test-Journalled $Run.Step) -and -not (Test-OldToken "$($a.path).token") }
    Apply = { param($a)
        $token = "$($a.path).token"
        Save-Token $token $Run.Secret
        $config = [ordered]@{ apiVersion = 'v1'; kind = 'Config'; 'current-context' = 'node' }
        $config.clusters = @(@{ name = 'cluster'; cluster = @{ server = $a.server; 'certificate-authority' = 'C:/etc/kubernetes/pki/ca.crt' } })
        $config.users = @(@{ name = 'account'; user = @{ tokenFile = $token.Replace('\', '/') } })
        $config.contexts = @(@{ name = 'node'; context = @{ cluster = 'cluster'; user = 'account' } })
        Write-DurableText $a.path (ConvertTo-Json -InputObject $config -Depth 10 -Compress)
    }
    Revert = { param($a) foreach ($file in $a.path, "$($a.path).token", "$($a.path).token.new") { [IO.File]::Delete($file) } }
}
# name: a network of pods. Nothing by itself: it owns what others make under this name
$Kinds.network = @{
    Always = $true
    State = { param($a) $found = Find-Entry $Run.Step.key; if ($found) { 'recorded' } else { 'absent' } }
    Holds = { param($a) Test-Complete $Run.Step.key }
    Save = { param($a) Save-Data @{ before = @(Get-Networks | ForEach-Object { $_.Name }) } }
    Apply = { param($a) }
    Revert = { param($a) if (@((Get-Data).before) -notcontains $a.name) { Remove-PodNetwork $a.name } }
}
# by its name and the ids that hang on it; the connection may break while the adapter goes back to the host
function Remove-PodNetwork([string]$Name) {
    foreach ($network in @(Get-Networks | Where-Object { $_.Name -eq $Name })) {
        foreach ($endpoint in @(Get-HnsEndpoint | Where-Object { $_ -and $_.VirtualNetwork -eq $network.ID })) {
            foreach ($list in @(Get-HnsPolicyList | Where-Object { $_ -and "$($_.References)" -like "*$($endpoint.ID)*" })) { $list | Remove-HnsPolicyList }
            $endpoint | Remove-HnsEndpoint
        }
        $network | Remove-HnsNetwork
    }
}
