# The life of a program: reverting, lease and owner, start as a task of the system, following.

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
        Write-Log "$_"; Write-Trace $_
        $Run.Detail = "could not be put back: $($_.Exception.Message) $($Run.Command)"
        return 'broken'
    }
    Remove-Tree "$J\.gone"
    Move-Folder $Folder "$J\.gone"
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
    # a program that was cut off could not take its task away; this one's goes at its end
    foreach ($task in @(Get-ScheduledTask -TaskPath '\' -ErrorAction SilentlyContinue)) {
        if ($task.TaskName -like 'swdt-*' -and $task.TaskName -ne "swdt-$($Run.Id)") { Unregister-ScheduledTask -TaskName $task.TaskName -Confirm:$false }
    }
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
function Update-Lease { Set-Shared "$S\lease" "$($Run.Lease.run)`n$((Get-Seconds) + $Run.Lease.seconds)`n$($Run.Lease.holder)`n" }
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
# the folder of ours, which only the system and administrators may read: anybody may have made one of this name before
function New-StateFolder {
    [void][IO.Directory]::CreateDirectory($S)
    if ([IO.File]::Exists("$S\owner")) { return }
    [void](Invoke-Program "$env:SystemRoot\System32\takeown.exe" @('/f', $S, '/a') 60 -Quiet)
    foreach ($rights in @('/reset'), @('/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F')) {
        $set = Invoke-Program "$env:SystemRoot\System32\icacls.exe" (@($S) + $rights) 60 -Quiet
        if ($set.ExitCode -ne 0) { throw "the rights of $S cannot be set (icacls.exe: exit code $($set.ExitCode))" }
    }
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
        # a task may take its time to start: before its first event nobody holds the lock
        $patience = 60
        while ($true) {
            $text = $reader.ReadToEnd()
            if ($text -ne '') {
                $idle = 0
                $patience = 3
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
                if ($free -ge $patience) { Send-Event 'end' 'lost'; return }
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
    $action = New-SystemAction "-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $folder\program.ps1"
    [void](Register-ScheduledTask -TaskName "swdt-$($Request.id)" -Action $action -Principal (New-SystemPrincipal) -Settings (New-SystemSettings) -Force)
    Start-ScheduledTask -TaskName "swdt-$($Request.id)"
}
function Enter-Program($Request) {
    $Run.D = "$S\run\$($Request.id)"
    $Run.Id = $Request.id
    $Run.Out = New-Object IO.StreamWriter ([IO.File]::Open("$($Run.D)\events", 'Append', 'Write', 'ReadWrite,Delete')), $Utf8
    $Run.Log = New-Object IO.StreamWriter ([IO.File]::Open("$($Run.D)\log", 'Append', 'Write', 'ReadWrite,Delete')), $Utf8
    $taken = Wait-For { try { $Run.Lock = [IO.File]::Open("$S\lock", 'OpenOrCreate', 'ReadWrite', 'None'); $true } catch { $false } } 2
    if (-not $taken) { Complete-Program 'busy' }
    Set-Shared "$S\running" "$($Request.id)`n"
    Send-Event 'start' $Request.id
    $old = @(([IO.DirectoryInfo]"$S\run").GetDirectories() | Sort-Object LastWriteTimeUtc -Descending | Select-Object -Skip 5)
    foreach ($folder in $old) { try { Remove-Tree $folder.FullName } catch { Write-Log "$_" } }
}
function Start-Agent($Request, [string]$Text) {
    $Run.Mode = $Request.mode
    switch ($Request.mode) {
        'facts' { Get-Facts; Complete-Program 'ok' }
        'ssh' { Enable-Ssh $Request.key }
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
                Write-Log "$_"; Write-Trace $_
                Send-Log
                Send-Event 'failure' 'the agent' -1 ([string]$_.Exception.Message) '' "$($Run.D)\log"
                Complete-Program 'failed'
            }
        }
    }
}
