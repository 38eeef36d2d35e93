# Tokens of service accounts (JWT, RFC 7519) in files: for the agent, and for the script that keeps the pod network.

# whether half of a token's time is over; one that cannot be read is old
function Test-OldToken([string]$Path) {
    try {
        $part = [IO.File]::ReadAllText($Path).Split('.')[1].Replace('-', '+').Replace('_', '/')
        $part += '=' * ((4 - $part.Length % 4) % 4)
        $claims = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($part)) | ConvertFrom-Json
        [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -ge ($claims.iat + $claims.exp) / 2
    } catch { $true }
}
# for the system and administrators only, at no time for others; who reads it meanwhile sees the old or the new one
function Save-Token([string]$Path, [string]$Token) {
    [IO.File]::WriteAllText("$Path.new", '')
    [void](icacls.exe "$Path.new" '/inheritance:r' '/grant' '*S-1-5-18:F' '*S-1-5-32-544:F')
    if ($LASTEXITCODE -ne 0) { throw "the rights of $Path.new cannot be set (icacls.exe: exit code $LASTEXITCODE)" }
    [IO.File]::WriteAllText("$Path.new", $Token)
    for ($try = 1; ; $try++) {
        try {
            if ([IO.File]::Exists($Path)) { [IO.File]::Replace("$Path.new", $Path, [NullString]::Value) } else { [IO.File]::Move("$Path.new", $Path) }
            return
        } catch { if ($try -ge 20) { throw } }
        Start-Sleep -Milliseconds 200
    }
}
