# A stand-in for Hyper-V's part of PowerShell Direct: what Get-VM shows and where New-PSSession -VMId leads. The sessions are real ones of
# PowerShell's remoting, as PowerShell Direct's are, to a process that machines.json names; what follows is run as powershell.exe would run it.
$ErrorActionPreference = 'Stop'
$standIn = [IO.File]::ReadAllText("$PSScriptRoot/machines.json") | ConvertFrom-Json
if ($standIn.module) {
    New-Module -Name Hyper-V -ArgumentList $standIn -ScriptBlock {
        param($StandIn)
        function Get-VM {
            if ($StandIn.denied) { throw 'You do not have the required permission to complete this task.' }
            foreach ($machine in $StandIn.machines) { New-Object PSObject -Property @{ Name = $machine.name; State = $machine.state; Id = [guid]$machine.id } }
        }
    } | Import-Module
}
function New-PSSession {
    param([guid]$VMId, [Management.Automation.PSCredential]$Credential)
    $machine = $standIn.machines | Where-Object { [guid]$_.id -eq $VMId }
    $given = $Credential.GetNetworkCredential()
    if ($given.UserName -cne $machine.user -or $given.Password -cne $machine.password) {
        throw (New-Object Management.Automation.ErrorRecord (New-Object Exception 'The credential is invalid.'), 'InvalidCredential', 'AuthenticationError', $null)
    }
    $process = New-Object Management.Automation.Runspaces.PowerShellProcessInstance
    $process.Process.StartInfo.FileName = $machine.command[0]
    $process.Process.StartInfo.ArgumentList.Clear()
    $machine.command | Select-Object -Skip 1 | ForEach-Object { $process.Process.StartInfo.ArgumentList.Add($_) }
    $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null, $process)
    $runspace.Open()
    $session = [Management.Automation.Runspaces.PSSession]::Create($runspace, 'VM', $null)
    # the test host's own cmdlets are in its program. In two statements: what is one command has its arguments expanded on this side
    Invoke-Command -Session $session -ScriptBlock {
        $program = [Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
        Import-Module "$([IO.Path]::GetDirectoryName($program))/pwsh.dll"
    }
    if ($machine.breaks) { $runspace.Close() }
    $session
}
if ($standIn.here) {
    # no sessions: what is for the machine runs here, where its lines are noted
    function New-PSSession { param($VMId, $Credential) New-Object PSObject -Property @{ State = 'Opened' } }
    function Invoke-Command { param($Session, $ScriptBlock, $ArgumentList) & $ScriptBlock @ArgumentList }
}
$script = [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($args[-1]))
# as a file, whose lines are noted
$asText = '.([scriptblock]::Create((New-Object IO.StreamReader $i,$u).ReadToEnd()))'
if (-not $script.Contains($asText)) { throw 'the command is another one than expected' }
$directFile = "$PSScriptRoot/direct.ps1"
. ([scriptblock]::Create($script.Replace($asText, '[IO.File]::WriteAllText($directFile,(New-Object IO.StreamReader $i,$u).ReadToEnd());. $directFile;exit $LASTEXITCODE')))
