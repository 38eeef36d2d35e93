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
    Blob = ''; Secret = ''; Command = ''; ExitCode = -1; Detail = ''; Lease = $null; Restart = $false; Last = $false; Id = ''; Entries = @{} }

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
# where in these scripts an error came from: for the log on the host, not for people
function Write-Trace($ErrorRecord) { if ($Run.Log) { $Run.Log.WriteLine($ErrorRecord.ScriptStackTrace) } }
function Send-Log { foreach ($line in $Run.Lines) { Send-Event 'log' $line } }
function Get-Seconds { [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() }

# --- small things that the kinds share

# a word as programs of Windows take it apart again (CommandLineToArgvW)
function ConvertTo-Word([string]$Text) {
    if ($Text -ne '' -and $Text -notmatch '[\s"]') { return $Text }
    '"' + ($Text -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
}
# Kubernetes' programs write UTF-8, those of Windows the code page of its language
function ConvertFrom-Bytes([byte[]]$Bytes) {
    try { return (New-Object Text.UTF8Encoding $false, $true).GetString($Bytes) } catch { $page = Get-MachineValue 'SYSTEM\CurrentControlSet\Control\Nls\CodePage' 'OEMCP' }
    try { [Text.Encoding]::GetEncoding([int]$page).GetString($Bytes) } catch { $Latin1.GetString($Bytes) }
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
    if (-not $Quiet) { Write-Log "+ $Path $($start.Arguments)" }
    $process = [Diagnostics.Process]::Start($start)
    $out = New-Object IO.MemoryStream
    $err = New-Object IO.MemoryStream
    $copies = $process.StandardOutput.BaseStream.CopyToAsync($out), $process.StandardError.BaseStream.CopyToAsync($err)
    $ended = $process.WaitForExit($Seconds * 1000)
    if (-not $ended) { $process.Kill() }
    # what a program leaves behind may hold its streams open
    foreach ($copy in $copies) { [void]$copy.Wait(5000) }
    $text = (ConvertFrom-Bytes $out.ToArray()) + (ConvertFrom-Bytes $err.ToArray())
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
# a small file that another program may have in its hands for a moment: written as a whole, and read (null where it is gone)
function Set-Shared([string]$Path, [string]$Text) {
    [IO.File]::WriteAllText("$Path.new", $Text, $Utf8)
    $put = { try { if ([IO.File]::Exists($Path)) { [IO.File]::Replace("$Path.new", $Path, [NullString]::Value) } else { [IO.File]::Move("$Path.new", $Path) }; $true } catch { $false } }
    if (-not (Wait-For $put 10)) { throw "$Path cannot be written" }
}
function Get-Shared([string]$Path) {
    try { $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite,Delete') } catch { return }
    try { (New-Object IO.StreamReader $stream, $Utf8).ReadToEnd() } finally { $stream.Dispose() }
}
function Save-Data($Value) { Write-DurableText "$($Run.E)\saved.json" (ConvertTo-Json -InputObject $Value -Depth 20 -Compress) }
function Get-Data { [IO.File]::ReadAllText("$($Run.E)\saved.json") | ConvertFrom-Json }
function Test-Link([string]$Path) { ([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0 }
# the same path, of which Windows allows more than 260 characters
function Get-LongPath([string]$Path) { if ($Path.StartsWith('\\')) { $Path } else { "\\?\$Path" } }
# Windows refuses it while something has a file below open, as Defender does with new ones for a moment
function Move-Folder([string]$From, [string]$To) {
    if (-not (Wait-For { try { [IO.Directory]::Move($From, $To); $true } catch { $false } } 10)) { [IO.Directory]::Move($From, $To) }
}
# a folder with all that is in it; a link goes, what it leads to stays
function Remove-Tree([string]$Path) {
    $Path = Get-LongPath $Path
    if (-not [IO.Directory]::Exists($Path)) { return }
    if (-not (Test-Link $Path)) {
        foreach ($folder in [IO.Directory]::GetDirectories($Path)) { Remove-Tree $folder }
        foreach ($file in [IO.Directory]::GetFiles($Path)) { [IO.File]::SetAttributes($file, 'Normal'); [IO.File]::Delete($file) }
    }
    [IO.Directory]::Delete($Path)
}
# what stands where another file is to be; Windows deletes no file that is in use
function Remove-File([string]$Path) {
    if (-not [IO.File]::Exists($Path)) { return }
    try { [IO.File]::SetAttributes($Path, 'Normal'); [IO.File]::Delete($Path) } catch {
        $users = @(Get-Processes @($Path) | ForEach-Object { "$($_.ProcessName), process $($_.Id)" })
        if ($users.Count) { throw "$Path is in use by $($users -join '; '): stop it, or restart the host" }
        throw "$Path cannot be replaced, another program may use it: $($_.Exception.GetBaseException().Message)"
    }
}
# the end of a log that others write
function Write-Tail([string]$Path) {
    if (-not [IO.File]::Exists($Path)) { return }
    $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite,Delete')
    try {
        [void]$stream.Seek([Math]::Max(0, $stream.Length - 4096), 'Begin')
        Write-Log "-- the end of $Path`n$((New-Object IO.StreamReader $stream, $Utf8).ReadToEnd())"
    } finally { $stream.Dispose() }
}
# folders that are missing on the way to a path, the topmost first
function Get-MissingFolders([string]$Path) {
    $missing = @()
    $folder = [IO.Path]::GetDirectoryName($Path)
    while ($folder -and -not [IO.Directory]::Exists($folder)) { $missing = @($folder) + $missing; $folder = [IO.Path]::GetDirectoryName($folder) }
    $missing
}
# every user may write below a new folder of the drive's root. Programs that the system runs, and what these read, are not for that; containers write below C:\var
function Add-Folder([string]$Path) {
    $missing = @(Get-MissingFolders "$Path\x")
    [void][IO.Directory]::CreateDirectory($Path)
    if ($missing.Count -and $missing[0] -match '^C:\\(k|opt|etc)$') { [void](Invoke-Checked "$env:SystemRoot\System32\icacls.exe" @($missing[0], '/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-32-545:(OI)(CI)RX') 60) }
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
# an entry never changes; a new one may have the number of one that is gone
function Read-Entry([string]$Folder) {
    if (-not $Run.Entries[$Folder]) { $Run.Entries[$Folder] = [IO.File]::ReadAllText("$Folder\entry.json") | ConvertFrom-Json }
    $Run.Entries[$Folder]
}
# the newest entry of a key, or empty
function Find-Entry([string]$Key) {
    $found = ''
    foreach ($folder in Get-Entries) { if ((Read-Entry $folder).key -ceq $Key) { $found = $folder } }
    $found
}
function Get-After([string]$Folder) { if ([IO.File]::Exists("$Folder\after")) { [IO.File]::ReadAllText("$Folder\after") } }
function Test-Complete([string]$Key) { $found = Find-Entry $Key; [bool]($found -and $null -ne (Get-After $found)) }
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
    Move-Folder "$J\.new" "$J\$number"
    $Run.Entries.Remove("$J\$number")
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
        Write-Log "$message"; Write-Trace $_
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
