# PowerShell Direct: a script, or a file, for a virtual machine of this host's Hyper-V. Runs on the controller, Windows PowerShell 5.1 or PowerShell 7.
# $h says what to do; $o and $u are connection.PowerShell's. Exit codes: 80 no session (the line before the last of standard error is its kind),
# 81 the session broke, 1 the script failed, 70 to 73 as of PowerShell.STORE.

# in the machine: the same names as over SSH. Nothing reaches the controller but what is written to $o: informational records come at once, and
# no function's caller can swallow them
$Guest = {
    param([string]$Script, [string]$Text)
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $u = New-Object Text.UTF8Encoding $false
    $i = New-Object IO.MemoryStream (, $u.GetBytes($Text))
    $o = New-Object PSObject
    Add-Member -InputObject $o -MemberType ScriptMethod -Name Write -Value { param($Part) Write-Information ([string]$Part) }
    Add-Member -InputObject $o -MemberType ScriptMethod -Name WriteLine -Value { param($Part) Write-Information "$Part`n" }
    Add-Member -InputObject $o -MemberType ScriptMethod -Name Flush -Value { }
    function l {
        $line = New-Object IO.MemoryStream
        while (($byte = $i.ReadByte()) -ge 0 -and $byte -ne 10) { $line.WriteByte($byte) }
        $u.GetString($line.ToArray())
    }
    . ([scriptblock]::Create($Script)) | Out-Null
}
# the parts of an upload: what is there already, one more piece, the end
$Begin = {
    param([string]$Path, [string]$Sum)
    try {
        $folder = [IO.Path]::GetDirectoryName($Path)
        $top = [IO.Path]::GetDirectoryName($folder)
        if (-not [IO.Directory]::Exists($top)) {
            [void][IO.Directory]::CreateDirectory($top)
            & "$env:SystemRoot\System32\icacls.exe" $top /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
        }
        [void][IO.Directory]::CreateDirectory($folder)
    } catch { return "70 $_" }
    try {
        if ([IO.File]::Exists($Path)) {
            $stream = [IO.File]::OpenRead($Path)
            try { $now = -join ([Security.Cryptography.SHA256]::Create().ComputeHash($stream) | ForEach-Object { $_.ToString('x2') }) } finally { $stream.Dispose() }
            if ($now -ceq $Sum) { return 'have' }
        }
        [IO.File]::WriteAllBytes("$Path.swdt-part", (New-Object byte[] 0))
    } catch { return "71 $_" }
    'send'
}
$Piece = {
    param([string]$Path, [byte[]]$Bytes)
    $stream = [IO.File]::Open("$Path.swdt-part", 'Append')
    try { $stream.Write($Bytes, 0, $Bytes.Length) } finally { $stream.Dispose() }
}
$End = {
    param([string]$Path, [string]$Sum)
    try {
        $stream = [IO.File]::OpenRead("$Path.swdt-part")
        try { $now = -join ([Security.Cryptography.SHA256]::Create().ComputeHash($stream) | ForEach-Object { $_.ToString('x2') }) } finally { $stream.Dispose() }
        if ($now -cne $Sum) { [IO.File]::Delete("$Path.swdt-part"); return '72' }
        [IO.File]::Delete($Path)
        [IO.File]::Move("$Path.swdt-part", $Path)
    } catch { return "73 $_" }
    'ok'
}

function Exit-With([int]$Code, [string[]]$Lines) {
    # not by the console, which has the code page of the system
    $stream = [Console]::OpenStandardError()
    foreach ($line in $Lines) { if ($line) { $bytes = $u.GetBytes("$line`n"); $stream.Write($bytes, 0, $bytes.Length) } }
    $stream.Flush()
    exit $Code
}
# names of machines are compared, never taken for patterns, and may be there twice. By module: VMware's has the same cmdlet
function Get-Machine([string]$Name) {
    if (-not (Get-Command -Name 'Hyper-V\Get-VM' -ErrorAction SilentlyContinue)) { Exit-With 80 @('no-hyper-v', 'the module Hyper-V is not installed') }
    try { $found = @(Hyper-V\Get-VM | Where-Object { $_.Name -eq $Name }) } catch { Exit-With 80 @('no-rights', "$_") }
    if ($found.Count -eq 0) { Exit-With 80 @('no-machine', "no virtual machine $Name is visible") }
    if ($found.Count -gt 1) { Exit-With 80 @('many-machines', "$($found.Count) virtual machines have the name $Name") }
    if ("$($found[0].State)" -ne 'Running') { Exit-With 80 @('not-running', "the virtual machine $Name is $($found[0].State)") }
    $found[0]
}
function Open-Session {
    $machine = Get-Machine $h.vm
    # by way of .NET: a cmdlet's arguments may be logged
    $password = New-Object Security.SecureString
    foreach ($char in ([string]$h.password).ToCharArray()) { $password.AppendChar($char) }
    $credential = New-Object Management.Automation.PSCredential $h.user, $password
    try { New-PSSession -VMId $machine.Id -Credential $credential } catch {
        $kind = 'refused'
        # the text is localised, the names are not
        if ("$($_.FullyQualifiedErrorId) $($_.Exception.ErrorCode) $($_.Exception.GetType().Name)" -match 'Credential|PSDirectException') { $kind = 'credential' }
        Exit-With 80 @($kind, ("$_" -replace '\s+', ' '))
    }
}
# a part's answer: what is no failure
function Get-Answer([string]$Answer) {
    if ($Answer -match '(?s)^(7\d) ?(.*)$') { Exit-With ([int]$Matches[1]) @($Matches[2] -replace '\s+', ' ') }
    $Answer
}
function Send-File($Session) {
    $answer = Get-Answer (Invoke-Command -Session $Session -ScriptBlock $Begin -ArgumentList $h.path, $h.sha256)
    if ($answer -eq 'have') { $o.WriteLine('have'); return }
    $file = [IO.File]::OpenRead($h.file)
    try {
        $buffer = New-Object byte[] 1048576
        $sent = 0
        while (($count = $file.Read($buffer, 0, $buffer.Length)) -gt 0) {
            $bytes = $buffer
            if ($count -lt $buffer.Length) { $bytes = New-Object byte[] $count; [Array]::Copy($buffer, $bytes, $count) }
            Invoke-Command -Session $Session -ScriptBlock $Piece -ArgumentList $h.path, $bytes
            $sent += $count
            $o.WriteLine("sent $sent")
        }
    } finally { $file.Dispose() }
    [void](Get-Answer (Invoke-Command -Session $Session -ScriptBlock $End -ArgumentList $h.path, $h.sha256))
}
$session = Open-Session
try {
    if ($h.file) { Send-File $session }
    else { Invoke-Command -Session $session -ScriptBlock $Guest -ArgumentList $h.script, $h.text 6>&1 | ForEach-Object { $o.Write([string]$_) } }
} catch {
    # what the guest's script threw comes with a name of its own; all else is the session's end
    $broke = "$($session.State)" -ne 'Opened' -or $_.Exception -is [Management.Automation.Remoting.PSRemotingTransportException]
    Exit-With $(if ($broke) { 81 } else { 1 }) @("$_" -replace '\s+', ' ')
}
exit 0
