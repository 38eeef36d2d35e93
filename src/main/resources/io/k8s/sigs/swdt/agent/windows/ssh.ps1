# OpenSSH's server for the controller (swdt node enable-ssh). A person asks for it, on its own: it is no part of a cluster and stays.

$Capability = 'OpenSSH.Server~~~~0.0.1.0'
# SYSTEM and Administrators only, or sshd does not read it
$AdministratorsKeys = 'C:\ProgramData\ssh\administrators_authorized_keys'

function Invoke-Part([string]$Key, [scriptblock]$Holds, [scriptblock]$Apply) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $Run.Step = @{ key = $Key }
    if (& $Holds) { Send-Event 'step' $Key 'kept' $watch.ElapsedMilliseconds ''; return }
    & $Apply | Out-Null
    if (-not (& $Holds)) { throw 'it had no effect' }
    Send-Event 'step' $Key 'applied' $watch.ElapsedMilliseconds ''
}
function Test-SshKey([string]$Key) { [IO.File]::Exists($AdministratorsKeys) -and @([IO.File]::ReadAllLines($AdministratorsKeys) | ForEach-Object { $_.Trim() }) -ccontains $Key }
# what stands in the way of connections from anywhere: Windows Server 2025 has the rule for private networks only
function Test-SshRule {
    $rule = Get-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -ErrorAction SilentlyContinue
    [bool]($rule -and "$($rule.Enabled)" -eq 'True' -and "$($rule.Profile)" -eq 'Any')
}
# a line of authorized_keys; empty: none is to be added
function Enable-Ssh([string]$PublicKey) {
    try {
        # Windows Server 2025 has it from the start
        Invoke-Part 'OpenSSH server' { Get-ServiceOrNull 'sshd' } { Add-WindowsCapability -Online -Name $Capability }
        Invoke-Part 'service sshd' { $service = Get-ServiceOrNull 'sshd'; $service.Status -eq 'Running' -and $service.StartType -eq 'Automatic' } {
            Set-Service -Name 'sshd' -StartupType Automatic
            Start-Service -Name 'sshd'
        }
        Invoke-Part 'firewall rule OpenSSH-Server-In-TCP' { Test-SshRule } {
            if (Get-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -ErrorAction SilentlyContinue) { Set-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -Enabled True -Profile Any; return }
            New-NetFirewallRule -Name 'OpenSSH-Server-In-TCP' -DisplayName 'OpenSSH Server (sshd)' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 22
        }
        if ($PublicKey) {
            Invoke-Part 'key of administrators' { Test-SshKey $PublicKey } {
                $lines = @()
                if ([IO.File]::Exists($AdministratorsKeys)) { $lines = @([IO.File]::ReadAllLines($AdministratorsKeys)) }
                [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($AdministratorsKeys))
                [IO.File]::WriteAllText($AdministratorsKeys, ((@($lines) + $PublicKey) -join "`n") + "`n", $Utf8)
                Invoke-Checked 'icacls.exe' @($AdministratorsKeys, '/inheritance:r', '/grant', '*S-1-5-18:F', '*S-1-5-32-544:F') 60
            }
        }
    } catch {
        Write-Log "$($_.Exception.Message)"
        Send-Log
        Send-Event 'failure' $Run.Step.key $Run.ExitCode ([string]$_.Exception.Message) $Run.Command ''
        Complete-Program 'failed'
    }
    Complete-Program 'ok'
}
