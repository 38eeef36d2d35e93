# Keeps the pod network of this node: flanneld, and kube-proxy as soon as flannel's network is there. Made by swdt; a task runs it at each start.
# Settings are in network.json beside it. Both programs end when the network service does, and are started again.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$settings = [IO.File]::ReadAllText("$PSScriptRoot\network.json") | ConvertFrom-Json
# by name: the running process, when it was started, and how long to wait before the next time
$programs = @{}

function Start-Program([string]$Name, [string[]]$Arguments) {
    $known = $programs[$Name]
    if ($known -and -not $known.Process.HasExited) { return }
    $wait = 2
    if ($known) {
        # one that ran for a while ended for another reason than one that ends at once
        if (($known.Process.ExitTime - $known.Began).TotalSeconds -lt 120) { $wait = [Math]::Min(60, $known.Wait * 2) }
        if (([DateTime]::Now - $known.Process.ExitTime).TotalSeconds -lt $wait) { return }
    }
    $process = Start-Process -FilePath "$PSScriptRoot\kube-log-runner.exe" -ArgumentList (@("--log-file=C:/var/log/$Name/$Name.log", '--log-file-size=50Mi', '--log-file-age=168h', "$PSScriptRoot\$Name.exe") + $Arguments) -PassThru
    # without a look at it now, its end would not be known later
    [void]$process.Handle
    $programs[$Name] = @{ Process = $process; Began = [DateTime]::Now; Wait = $wait }
}
# what a program answers
function Read-Program([string]$Path, [string]$Arguments, [string]$Question, $Variables) {
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $Path
    $start.Arguments = $Arguments
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($pair in $Variables.GetEnumerator()) { $start.EnvironmentVariables[$pair.Key] = $pair.Value }
    $process = [Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    # as bytes: the stream's own writer may begin with a byte order mark, which no program expects
    $bytes = [Text.Encoding]::UTF8.GetBytes($Question)
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.BaseStream.Close()
    $answer = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0) { throw "$Path ended with exit code $($process.ExitCode): $answer$($errors.Result)".Trim() }
    $answer
}
# each account may make tokens for itself; flanneld and kube-proxy read theirs again within a minute
function Update-Token($Account) {
    $token = "$($Account.kubeconfig).token"
    if (-not (Test-OldToken $token)) { return }
    Save-Token $token (Read-Program "$PSScriptRoot\kubectl.exe" "--kubeconfig=$($Account.kubeconfig) --cache-dir=C:/run/flannel/kubectl --request-timeout=30s --namespace=$($Account.namespace) create token $($Account.name) --duration=8760h" '' @{}).Trim()
}
function Get-PodNetwork {
    try { Get-HnsNetwork | Where-Object { $_ -and $_.Name -eq $settings.network -and $_.ManagementIP } | Select-Object -First 1 } catch { $null }
}
# the address from which kube-proxy's traffic comes on this node: one of the node's own, reserved once (kubernetes/kubernetes#96996)
function Get-SourceAddress($Network) {
    $reserved = "C:\var\lib\cni\networks\$($settings.network)"
    if ([IO.Directory]::Exists($reserved)) {
        foreach ($file in [IO.Directory]::GetFiles($reserved)) {
            $name = [IO.Path]::GetFileName($file)
            if ($name -match '^[0-9.]+$' -and [IO.File]::ReadAllText($file).StartsWith('kube-proxy')) { return $name }
        }
    }
    $request = @{ cniVersion = '0.3.0'; name = $settings.network; ipam = @{ type = 'host-local'; ranges = @(, @(@{ subnet = $Network.Subnets[0].AddressPrefix })); dataDir = '/var/lib/cni/networks' } }
    $answer = Read-Program 'C:\opt\cni\bin\host-local.exe' '' (ConvertTo-Json -InputObject $request -Depth 8 -Compress) @{ CNI_COMMAND = 'ADD'; CNI_CONTAINERID = 'kube-proxy'; CNI_NETNS = 'kube-proxy'; CNI_IFNAME = 'source-vip'; CNI_PATH = 'C:\opt\cni\bin' }
    ([string]($answer | ConvertFrom-Json).ips[0].address) -replace '/.*$', ''
}
function Write-Fault($Fault) { [IO.File]::AppendAllText('C:\var\log\flanneld\network.log', "$([DateTime]::UtcNow.ToString('s')) $($Fault.Exception.Message)`r`n") }
foreach ($name in 'flanneld', 'kube-proxy') { [void][IO.Directory]::CreateDirectory("C:\var\log\$name") }
$env:NODE_NAME = $settings.node
$looked = [DateTime]::MinValue
while ($true) {
    try {
        Start-Program 'flanneld' @($settings.flanneld)
        $network = Get-PodNetwork
        if ($network) { Start-Program 'kube-proxy' (@($settings.kubeProxy) + "--source-vip=$(Get-SourceAddress $network)") }
        if (([DateTime]::UtcNow - $looked).TotalHours -ge 1) { $looked = [DateTime]::UtcNow; foreach ($account in $settings.accounts) { try { Update-Token $account } catch { Write-Fault $_ } } }
    } catch { Write-Fault $_ }
    Start-Sleep -Seconds 2
}
