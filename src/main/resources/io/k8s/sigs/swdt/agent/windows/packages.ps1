# Kinds of change of programs for people: Chocolatey, and what it installs.

$Chocolatey = 'C:\ProgramData\chocolatey'
function Test-Chocolatey { [IO.File]::Exists("$Chocolatey\bin\choco.exe") }
# elsewhere: not where its own script puts it
function Get-ChocolateyVersion {
    $place = "$(Get-MachineValue $Environment 'ChocolateyInstall')".TrimEnd('\')
    if ($place -and $place -ne $Chocolatey) { return 'elsewhere' }
    if ([IO.File]::Exists("$Chocolatey\lib\chocolatey\chocolatey.nuspec") -and [IO.File]::ReadAllText("$Chocolatey\lib\chocolatey\chocolatey.nuspec") -match '<version>([^<]+)</version>') { return $Matches[1].Trim() }
    if (Test-Chocolatey) { 'unknown' }
}
# sha256: its package, whose own script installs it (docs.chocolatey.org, "Completely offline install")
$Kinds.chocolatey = @{
    # packages that others installed by it since show here, and keep it
    State = { param($a) if ([IO.Directory]::Exists("$Chocolatey\lib")) { (Get-Packages | Sort-Object) -join ' ' } else { 'absent' } }
    # one that somebody installed serves as well
    Holds = { param($a) Test-Chocolatey }
    Save = { param($a) Save-Folders @($Chocolatey) }
    Apply = { param($a)
        $folder = "$($Run.D)\chocolatey"
        [void][IO.Directory]::CreateDirectory($folder)
        [void](Invoke-Checked "$env:SystemRoot\System32\tar.exe" @('-xf', $Run.Blob, '-C', $folder) 300)
        $env:ChocolateyInstall = $Chocolatey
        [void](Invoke-Checked "$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe" @('-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "$folder\tools\chocolateyInstall.ps1"))
        Remove-Tree $folder
    }
    Verify = { param($a) if (-not (Test-Chocolatey)) { throw 'its script left no choco.exe' } }
    Revert = { param($a) Restore-Folders }
}
function Get-Packages { if ([IO.Directory]::Exists("$Chocolatey\lib")) { [IO.Directory]::GetDirectories("$Chocolatey\lib") | ForEach-Object { [IO.Path]::GetFileName($_) } } }
# name: a package. What was there before stays, in whatever version; what it needs and came with it goes with it
function Get-Package([string]$Name) {
    $listed = Invoke-Program "$Chocolatey\bin\choco.exe" @('list', '--limit-output', '--exact', $Name) 120 -Quiet
    if ($listed.Text -match "(?im)^$([regex]::Escape($Name))\|(\S+)") { $Matches[1] } else { 'absent' }
}
$Kinds.package = @{
    State = { param($a) if (Test-Chocolatey) { Get-Package $a.name } else { 'absent' } }
    Holds = { param($a) (Test-Chocolatey) -and (Get-Package $a.name) -ne 'absent' }
    Save = { param($a) Save-Data @{ before = @(Get-Packages); brought = @() } }
    Apply = { param($a)
        $before = (Get-Data).before
        $done = Invoke-Program "$Chocolatey\bin\choco.exe" @('install', $a.name, '--yes', '--no-progress', '--limit-output') 1800
        # 1641 and 3010: done, and to be finished by a restart some time
        if (@(0, 1641, 3010) -notcontains $done.ExitCode) { $Run.Command = "choco install $($a.name)"; $Run.ExitCode = $done.ExitCode; throw "exit code $($done.ExitCode)" }
        Save-Data @{ before = @($before); brought = @(Get-Packages | Where-Object { $before -notcontains $_ -and $_ -ne $a.name }) }
    }
    Verify = { param($a) if ((Get-Package $a.name) -eq 'absent') { throw "Chocolatey does not know of $($a.name) after its installation" } }
    Revert = { param($a)
        [void](Invoke-Checked "$Chocolatey\bin\choco.exe" @('uninstall', $a.name, '--yes', '--limit-output') 1800)
        # what a package of somebody else needs by now stays: Chocolatey refuses
        foreach ($name in @((Get-Data).brought)) { if (@(Get-Packages) -contains $name) { [void](Invoke-Program "$Chocolatey\bin\choco.exe" @('uninstall', $name, '--yes', '--limit-output') 1800) } }
    }
}
