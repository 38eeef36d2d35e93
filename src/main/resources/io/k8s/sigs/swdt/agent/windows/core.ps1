# The swdt agent for Windows: events, journal, lock and the life of a program. Windows PowerShell 5.1 and PowerShell 7.
# A program is this file, the files with the kinds of change, and JSON that says what to do. Nothing is ever put into this text.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$S = 'C:\ProgramData\swdt'
$J = "$S\journal"
$Utf8 = New-Object Text.UTF8Encoding $false
# by name: State and Apply, and where they differ from the usual Holds, Save, Verify, Revert. All get the step's arguments
$Kinds = @{}
$Run = @{ Mode = ''; D = ''; E = ''; Out = $null; Log = $null; Lock = $null; Lines = (New-Object Collections.Generic.List[string]); Step = $null
    Blob = ''; Secret = ''; Command = ''; ExitCode = -1; Detail = ''; Lease = $null; Reboot = $false; Restart = $false; Last = $false; Id = '' }

# --- events: fields between tabs, percent-encoded

function Send-Event {
    $fields = foreach ($field in $args) { ([string]$field).Replace('%', '%25').Replace("`t", '%09').Replace("`r", '%0D').Replace("`n", '%0A') }
    $Run.Out.Write(($fields -join "`t") + "`n")
    $Run.Out.Flush()
}
function Write-Log([string]$Text) {
    foreach ($line in $Text -split "`r?`n") {
        if ($line -eq '') { continue }
        $Run.Lines.Add($line)
        if ($Run.Lines.Count -gt 40) { $Run.Lines.RemoveAt(0) }
        if ($Run.Log) { $Run.Log.WriteLine($line); $Run.Log.Flush() }
    }
}
function Send-Log { foreach ($line in $Run.Lines) { Send-Event 'log' $line } }
function Get-Seconds { [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() }

# --- small things that the kinds share

# a word as programs of Windows take it apart again (CommandLineToArgvW)
function ConvertTo-Word([string]$Text) {
    if ($Text -ne '' -and $Text -notmatch '[\s"]') { return $Text }
    '"' + ($Text -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
}
# a program's exit code; what it prints goes to the log, and to Text where that is wanted. Its words on stderr mean nothing
function Invoke-Program([string]$Path, [string[]]$Arguments, [int]$Seconds = 900, [switch]$Quiet) {
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $Path
    $start.Arguments = (@($Arguments) | ForEach-Object { ConvertTo-Word $_ }) -join ' '
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = $Utf8
    $start.StandardErrorEncoding = $Utf8
    if (-not $Quiet) { Write-Log "+ $Path $($start.Arguments)" }
    $process = [Diagnostics.Process]::Start($start)
    $out = $process.StandardOutput.ReadToEndAsync()
    $err = $process.StandardError.ReadToEndAsync()
    $ended = $process.WaitForExit($Seconds * 1000)
    if (-not $ended) { $process.Kill() }
    # what a program leaves behind may hold its streams open
    [void]$out.Wait(5000)
    [void]$err.Wait(5000)
    $text = ''
    if ($out.IsCompleted) { $text = $out.Result }
    if ($err.IsCompleted) { $text += $err.Result }
    if (-not $Quiet) { Write-Log $text }
    $code = -1
    if ($ended) { $code = $process.ExitCode }
    @{ ExitCode = $code; Text = $text }
}
# the same, and anything but success ends the step
function Invoke-Checked([string]$Path, [string[]]$Arguments, [int]$Seconds = 900) {
    $result = Invoke-Program $Path $Arguments $Seconds
    if ($result.ExitCode -ne 0) {
        $Run.Command = "$Path $($Arguments -join ' ')"
        $Run.ExitCode = $result.ExitCode
        throw "exit code $($result.ExitCode)"
    }
    $result.Text
}
function Get-Sum([string]$Path) {
    $sha = [Security.Cryptography.SHA256]::Create()
    $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite,Delete')
    try { [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant() } finally { $stream.Dispose() }
}
function Get-TextSum([string]$Text) {
    $sha = [Security.Cryptography.SHA256]::Create()
    [BitConverter]::ToString($sha.ComputeHash($Utf8.GetBytes($Text))).Replace('-', '').ToLowerInvariant()
}
# a file that is on the disk when this returns
function Write-Durable([string]$Path, [byte[]]$Bytes) {
    $stream = [IO.File]::Create($Path)
    try { $stream.Write($Bytes, 0, $Bytes.Length); $stream.Flush($true) } finally { $stream.Dispose() }
}
function Write-DurableText([string]$Path, [string]$Text) { Write-Durable $Path $Utf8.GetBytes($Text) }
function Save-Data($Value) { Write-DurableText "$($Run.E)\saved.json" (ConvertTo-Json -InputObject $Value -Depth 20 -Compress) }
function Get-Data { [IO.File]::ReadAllText("$($Run.E)\saved.json") | ConvertFrom-Json }
function Test-Link([string]$Path) { ([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0 }
# a folder with all that is in it; a link goes, what it leads to stays
function Remove-Tree([string]$Path) {
    if (-not [IO.Directory]::Exists($Path)) { return }
    if (-not (Test-Link $Path)) {
        foreach ($folder in [IO.Directory]::GetDirectories($Path)) { Remove-Tree $folder }
        foreach ($file in [IO.Directory]::GetFiles($Path)) { [IO.File]::SetAttributes($file, 'Normal'); [IO.File]::Delete($file) }
    }
    [IO.Directory]::Delete($Path)
}
# folders that are missing on the way to a path, the topmost first
function Get-MissingFolders([string]$Path) {
    $missing = @()
    $folder = [IO.Path]::GetDirectoryName($Path)
    while ($folder -and -not [IO.Directory]::Exists($folder)) { $missing = @($folder) + $missing; $folder = [IO.Path]::GetDirectoryName($folder) }
    $missing
}
# of folders that were made on the way, those go that are empty
function Remove-Folders($Folders) {
    $all = @($Folders)
    [array]::Reverse($all)
    foreach ($folder in $all) { if ([IO.Directory]::Exists($folder) -and -not @([IO.Directory]::GetFileSystemEntries($folder)).Count) { [IO.Directory]::Delete($folder) } }
}
function Wait-For([scriptblock]$Condition, [int]$Seconds) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while ($watch.Elapsed.TotalSeconds -lt $Seconds) { if (& $Condition) { return $true }; Start-Sleep -Milliseconds 200 }
    [bool](& $Condition)
}

# --- journal: one folder an entry; complete when it has its number

function Get-Entries {
    if ([IO.Directory]::Exists($J)) { [IO.Directory]::GetDirectories($J) | Where-Object { [IO.Path]::GetFileName($_) -match '^\d+$' } | Sort-Object }
}
function Read-Entry([string]$Folder) { [IO.File]::ReadAllText("$Folder\entry.json") | ConvertFrom-Json }
# the newest entry of a key, or empty
function Find-Entry([string]$Key) {
    $found = ''
    foreach ($folder in Get-Entries) { if ((Read-Entry $folder).key -ceq $Key) { $found = $folder } }
    $found
}
function Get-After([string]$Folder) { if ([IO.File]::Exists("$Folder\after")) { [IO.File]::ReadAllText("$Folder\after") } }
# the state that a step's kind sees, with the entry at hand that may say what to look at
function Get-State($Step, [string]$Folder) {
    $Run.E = $Folder
    [string](& $Kinds[$Step.kind].State $Step.arguments)
}
# whether the newest entry of a step is complete, is of these arguments, and its state is as it was left
function Test-Journalled($Step) {
    $found = Find-Entry $Step.key
    if (-not $found) { return $false }
    $after = Get-After $found
    $null -ne $after -and (Read-Entry $found).digest -ceq $Step.digest -and (Get-State $Step $found) -ceq $after
}
function Test-Holds($Step) {
    $kind = $Kinds[$Step.kind]
    if ($kind.Holds) { return [bool](& $kind.Holds $Step.arguments) }
    Test-Journalled $Step
}
function New-Entry($Step) {
    $last = 0
    foreach ($folder in Get-Entries) { $last = [int][IO.Path]::GetFileName($folder) }
    Remove-Tree "$J\.new"
    [void][IO.Directory]::CreateDirectory("$J\.new")
    $was = Get-State $Step ''
    $Run.E = "$J\.new"
    $kind = $Kinds[$Step.kind]
    if ($kind.Save) { & $kind.Save $Step.arguments | Out-Null }
    $entry = @{ key = $Step.key; kind = $Step.kind; digest = $Step.digest; arguments = $Step.arguments; was = $was; time = (Get-Seconds) }
    Write-DurableText "$J\.new\entry.json" (ConvertTo-Json -InputObject $entry -Depth 20 -Compress)
    $number = '{0:d5}' -f ($last + 1)
    [IO.Directory]::Move("$J\.new", "$J\$number")
    $Run.E = "$J\$number"
}
# what the step left, by which a later revert knows its own work
function Complete-Entry($Step, [string]$Folder) {
    Write-DurableText "$Folder\.after" (Get-State $Step $Folder)
    [IO.File]::Move("$Folder\.after", "$Folder\after")
}

# --- steps

function Test-Stop { [IO.File]::Exists("$($Run.D)\stop") }
# waits for the controller to have uploaded the step's file; gives up when nothing has arrived for two minutes
function Wait-Blob($Step) {
    $Run.Blob = "$S\files\$($Step.blob)"
    $before = ''
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not [IO.File]::Exists($Run.Blob)) {
        if (Test-Stop) { Complete-Program 'stopped' }
        $now = ''
        if ([IO.Directory]::Exists("$S\files")) { $now = ([IO.DirectoryInfo]"$S\files").GetFiles() | ForEach-Object { "$($_.Name) $($_.Length)" } | Out-String }
        if ($now -cne $before) { $before = $now; $watch.Restart() }
        if ($watch.Elapsed.TotalSeconds -gt 120) { throw "the upload of $($Step.blobName) did not arrive" }
        Start-Sleep -Milliseconds 100
    }
}
function Invoke-Step($Step) {
    $kind = $Kinds[$Step.kind]
    if (Test-Stop) { Complete-Program 'stopped' }
    Update-Lease
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $Run.Step = $Step; $Run.Command = ''; $Run.ExitCode = -1; $Run.Detail = ''; $Run.Blob = ''
    Send-Event 'step' $Step.key 'started' 0 ''
    try {
        $found = Find-Entry $Step.key
        $begun = $found -and $null -eq (Get-After $found)
        if (Test-Holds $Step) {
            # done by a run that was cut off before it could say so
            if ($begun) { Complete-Entry $Step $found }
            Send-Event 'step' $Step.key 'kept' $watch.ElapsedMilliseconds ''
            return
        }
        if ($begun) {
            Write-Log "== $($Step.key): was begun and not finished; first back to what was there before"
            if ((Undo-Entry $found $true) -ne 'ok') { throw "what an interrupted run began could not be undone: $($Run.Detail)" }
        }
        if ($Step.blob) { Wait-Blob $Step }
        Write-Log "== $($Step.key)"
        New-Entry $Step
        & $kind.Apply $Step.arguments | Out-Null
        if ($kind.Verify) { & $kind.Verify $Step.arguments | Out-Null }
        Complete-Entry $Step $Run.E
        if ($Run.Blob) { [IO.File]::Delete($Run.Blob) }
        Send-Event 'step' $Step.key 'applied' $watch.ElapsedMilliseconds $Run.Detail
    } catch {
        $message = [string]$_.Exception.Message
        Write-Log "$message`n$($_.ScriptStackTrace)"
        Send-Event 'step' $Step.key 'failed' $watch.ElapsedMilliseconds $message
        Send-Log
        Send-Event 'failure' $Step.key $Run.ExitCode $message $Run.Command "$($Run.D)\log"
        Complete-Program 'failed'
    }
}
# what would a step do: keep, add (nothing there) or alter
function Test-Step($Step) {
    $Run.Step = $Step
    $verdict = 'alter'
    try {
        if (Test-Holds $Step) { $verdict = 'keep' } elseif ((Get-State $Step (Find-Entry $Step.key)) -eq 'absent') { $verdict = 'add' }
    } catch { Write-Log "$($Step.key): $_" }
    if ($verdict -ne 'keep' -and ($Step.kind -eq 'feature' -or $Step.arguments.restarts)) { $Run.Restart = $true }
    Send-Event 'check' $Step.key $verdict
}

# --- revert

# back to what was there, if it is still as swdt left it: ok, left (alone) or broken
function Undo-Entry([string]$Folder, [bool]$Force) {
    $entry = Read-Entry $Folder
    $kind = $Kinds[$entry.kind]
    $Run.Step = $entry
    $Run.Detail = ''; $Run.Command = ''
    try {
        $state = Get-State $entry $Folder
        $after = Get-After $Folder
        if ($state -cne $entry.was -or $kind.Always) {
            if ($null -ne $after -and $state -cne $after -and -not $Force -and -not $kind.Always) {
                $Run.Detail = 'altered since swdt left it; --force puts it back all the same'
                return 'left'
            }
            Write-Log "== back: $($entry.key)"
            & $kind.Revert $entry.arguments | Out-Null
        }
        if ([IO.File]::Exists("$Folder\folders.json")) { Remove-Folders ([IO.File]::ReadAllText("$Folder\folders.json") | ConvertFrom-Json) }
    } catch {
        Write-Log "$_`n$($_.ScriptStackTrace)"
        $Run.Detail = "could not be put back: $($_.Exception.Message) $($Run.Command)"
        return 'broken'
    }
    Remove-Tree "$J\.gone"
    [IO.Directory]::Move($Folder, "$J\.gone")
    Remove-Tree "$J\.gone"
    'ok'
}
# all entries, newest first; then the difference to the footprint before the first change
function Undo-All([bool]$Force) {
    $left = 0
    $broken = ''
    $entries = @(Get-Entries)
    [array]::Reverse($entries)
    foreach ($folder in $entries) {
        if (Test-Stop) { Complete-Program 'stopped' }
        Update-Lease
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $key = (Read-Entry $folder).key
        Send-Event 'step' $key 'started' 0 ''
        # what stands on a change that could not be undone stays too: nothing is pulled away below it
        if ($broken) { $Run.Detail = "kept because of `"$broken`""; $how = 'left' } else { $how = Undo-Entry $folder $Force }
        if ($how -eq 'broken') { $broken = $key; Send-Log }
        if ($how -eq 'ok') {
            Send-Event 'step' $key 'reverted' $watch.ElapsedMilliseconds $Run.Detail
        } else {
            $left++
            Send-Event 'step' $key 'left' $watch.ElapsedMilliseconds $Run.Detail
        }
    }
    if ([IO.File]::Exists("$S\footprint")) {
        $before = @([IO.File]::ReadAllLines("$S\footprint"))
        $now = @(Get-Footprint)
        foreach ($line in $before) { if ($now -cnotcontains $line) { Send-Event 'difference' '-' $line } }
        foreach ($line in $now) { if ($before -cnotcontains $line) { Send-Event 'difference' '+' $line } }
    }
    if ($left -eq 0) { Remove-Agent }
    Complete-Program 'ok'
}
# all that the agent keeps, but the folder of the running program: that goes once its last event was read
function Remove-Agent {
    $Run.Last = $true
    Remove-Tree $J
    Remove-Tree "$S\files"
    foreach ($file in [IO.Directory]::GetFiles($S)) { if ([IO.Path]::GetFileName($file) -ne 'lock') { [IO.File]::Delete($file) } }
}

# --- a program's life

# the file lock says that a program runs; the lease that a run goes on, also between its programs
function Enter-Lease($Session) {
    $Run.Lease = $Session
    if ([IO.File]::Exists("$S\lease")) {
        $lease = [IO.File]::ReadAllLines("$S\lease")
        if ($lease[0] -cne $Session.run -and @($Session.over) -cnotcontains $lease[0] -and [long]$lease[1] -gt (Get-Seconds)) { Complete-Program 'locked' $lease[2] }
    }
    Update-Lease
}
function Update-Lease {
    [IO.File]::WriteAllText("$S\.lease", "$($Run.Lease.run)`n$((Get-Seconds) + $Run.Lease.seconds)`n$($Run.Lease.holder)`n", $Utf8)
    [IO.File]::Delete("$S\lease")
    [IO.File]::Move("$S\.lease", "$S\lease")
}
# the run is over here: so are uploads that nothing wanted any more
function Exit-Lease { [IO.File]::Delete("$S\lease"); Remove-Tree "$S\files" }
# the host is this cluster's from now on; what it was before is kept for the proof at the end
function Enter-Owner($Session) {
    if ([IO.File]::Exists("$S\owner")) {
        $owner = [IO.File]::ReadAllLines("$S\owner")
        if ($owner[1] -cne $Session.uid) { Complete-Program 'foreign' $owner[0] }
        return
    }
    [void][IO.Directory]::CreateDirectory($J)
    if (-not [IO.File]::Exists("$S\footprint")) { Write-DurableText "$S\footprint" ((Get-Footprint) -join "`n") }
    Write-DurableText "$S\owner" "$($Session.cluster)`n$($Session.uid)`n$($Session.version)`n$(Get-Seconds)`n"
}
# the folder of ours, which only the system and administrators may read
function New-StateFolder {
    if ([IO.Directory]::Exists($S)) { return }
    [void][IO.Directory]::CreateDirectory($S)
    [void](Invoke-Program 'icacls.exe' @($S, '/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F') 60 -Quiet)
}
function Complete-Program([string]$How, [string]$Detail = '') {
    if ($Run.Mode -eq 'run') {
        foreach ($name in 'program.ps1', 'input.json') { [IO.File]::Delete("$($Run.D)\$name") }
        Unregister-ScheduledTask -TaskName "swdt-$($Run.Id)" -Confirm:$false -ErrorAction SilentlyContinue
    }
    Send-Event 'end' $How $Detail
    if ($Run.Mode -eq 'run') {
        $Run.Out.Dispose()
        $Run.Log.Dispose()
        if ($Run.Lock) { $Run.Lock.Dispose() }
        # who follows closes the events once it has read their end
        if ($Run.Last) { [void](Wait-For { try { Remove-Tree $S; $true } catch { $false } } 60) }
        if ($Run.Reboot) { [void](Invoke-Program 'shutdown.exe' @('/r', '/t', '2', '/d', 'p:2:4') 60 -Quiet) }
    }
    exit 0
}
# whether no program runs
function Test-Free {
    if (-not [IO.File]::Exists("$S\lock")) { return $true }
    try { ([IO.File]::Open("$S\lock", 'Open', 'ReadWrite', 'None')).Dispose(); $true } catch { $false }
}
# the events of a program after the first ones, until its end; lost if it ended without saying so
function Receive-Events([string]$Id, [int]$Skip) {
    $file = "$S\run\$Id\events"
    if (-not [IO.File]::Exists($file)) { Send-Event 'end' 'gone'; return }
    $stream = [IO.File]::Open($file, 'Open', 'Read', 'ReadWrite,Delete')
    try {
        $reader = New-Object IO.StreamReader $stream, $Utf8
        $part = ''
        $idle = 0
        $free = 0
        while ($true) {
            $text = $reader.ReadToEnd()
            if ($text -ne '') {
                $idle = 0
                $lines = ($part + $text).Split("`n")
                $part = $lines[-1]
                for ($n = 0; $n -lt $lines.Count - 1; $n++) {
                    if ($Skip -gt 0) { $Skip-- } else { $Run.Out.Write($lines[$n] + "`n") }
                    if ($lines[$n].StartsWith("end`t")) { $Run.Out.Flush(); return }
                }
                $Run.Out.Flush()
            }
            $idle++
            if ($idle % 20 -eq 0) {
                if (Test-Free) { $free++ } else { $free = 0 }
                if ($free -ge 3) { Send-Event 'end' 'lost'; return }
            }
            Start-Sleep -Milliseconds 50
        }
    } finally { $stream.Dispose() }
}
# a program that outlives this session: a task of the system runs it
function Start-Program($Request, [string]$Text) {
    New-StateFolder
    $folder = "$S\run\$($Request.id)"
    [void][IO.Directory]::CreateDirectory($folder)
    $Request.mode = 'run'
    # with a byte order mark: 5.1 takes a file without one for text of the system's code page
    [IO.File]::WriteAllText("$folder\program.ps1", "$Text`nStart-Agent ([IO.File]::ReadAllText(`"`$PSScriptRoot\input.json`") | ConvertFrom-Json) ''`n", (New-Object Text.UTF8Encoding $true))
    [IO.File]::WriteAllText("$folder\input.json", (ConvertTo-Json -InputObject $Request -Depth 30 -Compress), $Utf8)
    [IO.File]::WriteAllText("$folder\events", '')
    $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" -Argument "-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $folder\program.ps1"
    $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -RunLevel Highest
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit ([TimeSpan]::Zero)
    [void](Register-ScheduledTask -TaskName "swdt-$($Request.id)" -Action $action -Principal $principal -Settings $settings -Force)
    Start-ScheduledTask -TaskName "swdt-$($Request.id)"
}
function Enter-Program($Request) {
    $Run.D = "$S\run\$($Request.id)"
    $Run.Id = $Request.id
    $Run.Out = New-Object IO.StreamWriter ([IO.File]::Open("$($Run.D)\events", 'Append', 'Write', 'ReadWrite,Delete')), $Utf8
    $Run.Log = New-Object IO.StreamWriter ([IO.File]::Open("$($Run.D)\log", 'Append', 'Write', 'ReadWrite,Delete')), $Utf8
    $taken = Wait-For { try { $Run.Lock = [IO.File]::Open("$S\lock", 'OpenOrCreate', 'ReadWrite', 'None'); $true } catch { $false } } 2
    if (-not $taken) { Complete-Program 'busy' }
    [IO.File]::WriteAllText("$S\running", "$($Request.id)`n", $Utf8)
    Send-Event 'start' $Request.id
    $old = @(([IO.DirectoryInfo]"$S\run").GetDirectories() | Sort-Object LastWriteTimeUtc -Descending | Select-Object -Skip 5)
    foreach ($folder in $old) { try { Remove-Tree $folder.FullName } catch { Write-Log "$_" } }
}
function Start-Agent($Request, [string]$Text) {
    $Run.Mode = $Request.mode
    switch ($Request.mode) {
        'facts' { Get-Facts; Complete-Program 'ok' }
        'check' { foreach ($step in $Request.steps) { Test-Step $step }; Complete-Program 'ok' }
        'start' { Start-Program $Request $Text; Receive-Events $Request.id 0 }
        'follow' { Receive-Events $Request.id $Request.skip }
        'stop' { [IO.File]::WriteAllText("$S\run\$($Request.id)\stop", '') }
        'run' {
            Enter-Program $Request
            try {
                Enter-Lease $Request.session
                Enter-Owner $Request.session
                if ($Request.revert) { Undo-All ([bool]$Request.force) }
                foreach ($step in $Request.steps) {
                    $Run.Secret = [string]$step.secret
                    Invoke-Step $step
                }
                if ($Request.last) { Exit-Lease }
                Complete-Program 'ok'
            } catch {
                Write-Log "$_`n$($_.ScriptStackTrace)"
                Send-Log
                Send-Event 'failure' 'the agent' -1 ([string]$_.Exception.Message) '' "$($Run.D)\log"
                Complete-Program 'failed'
            }
        }
    }
}
