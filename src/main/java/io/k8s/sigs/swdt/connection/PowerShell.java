package io.k8s.sigs.swdt.connection;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * PowerShell's command line: the same whether cmd or PowerShell is the login shell of the host, as
 * an encoded command has no character that means something to one of them. Source:
 * about_PowerShell_exe; -OutputFormat Text keeps it from writing errors as XML.
 */
final class PowerShell {

    private static final String LINE =
            "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat"
                    + " Text -EncodedCommand ";

    // As in Privilege: an empty line and the marker on both streams, then input up to the marker.
    // Streams of our own: those of the console have the code page of the system.
    private static final String BEGIN =
            """
            $ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
            $u=New-Object Text.UTF8Encoding $false;$i=[Console]::OpenStandardInput()
            $o=New-Object IO.StreamWriter([Console]::OpenStandardOutput(),$u);$o.NewLine="`n";$o.AutoFlush=$true
            function l{$b=New-Object IO.MemoryStream;while(($c=$i.ReadByte()) -ge 0){if($c -eq 10){break};$b.WriteByte($c)};if($c -lt 0 -and $b.Length -eq 0){exit 74};$u.GetString($b.ToArray())}
            $o.Write("`n#swdt`n");[Console]::Error.Write("`n#swdt`n");while((l) -cne '#swdt'){}
            """;

    /** Stores standard input, as {@code SshConnection.STORE} does; the first line is JSON. */
    static final String STORE =
            """
            $h=l|ConvertFrom-Json;$d=$h.path;$p="$d.swdt-part"
            function s($f){$g=[Security.Cryptography.SHA256]::Create();$r=[IO.File]::OpenRead($f);try{-join($g.ComputeHash($r)|ForEach-Object{$_.ToString('x2')})}finally{$r.Close()}}
            try{$f=[IO.Path]::GetDirectoryName($d);$t=[IO.Path]::GetDirectoryName($f);if(-not[IO.Directory]::Exists($t)){[void][IO.Directory]::CreateDirectory($t);icacls.exe $t /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F'|Out-Null}
            [void][IO.Directory]::CreateDirectory($f)}catch{[Console]::Error.WriteLine("$_");exit 70}
            if([IO.File]::Exists($d) -and (s $d) -ceq $h.sha256){$o.WriteLine('have');exit 0}
            $o.WriteLine('send')
            try{$w=[IO.File]::Create($p);try{$b=New-Object byte[] 262144;while(($n=$i.Read($b,0,$b.Length)) -gt 0){$w.Write($b,0,$n)}}finally{$w.Close()}}catch{[Console]::Error.WriteLine("$_");exit 71}
            if((s $p) -cne $h.sha256){[IO.File]::Delete($p);exit 72}
            try{[IO.File]::Delete($d);[IO.File]::Move($p,$d)}catch{[Console]::Error.WriteLine("$_");exit 73}
            """;

    private PowerShell() {}

    static String commandLine(RemoteCommand command) {
        byte[] script = (BEGIN + command.script()).getBytes(StandardCharsets.UTF_16LE);
        return LINE + Base64.getEncoder().encodeToString(script);
    }

    /** Why a script never began. */
    static ConnectException refusal(
            Login login, String server, int exitCode, List<String> errors, String before) {
        boolean windows = server.contains("Windows");
        String said = errors.isEmpty() ? before : errors.getLast();
        return new ConnectException(
                ConnectException.Kind.PRIVILEGE,
                login.host()
                        + (windows ? "" : " does not look like Windows (" + server + "), and")
                        + " could not run PowerShell (exit code "
                        + exitCode
                        + ")"
                        + (said.isBlank() ? "" : ": " + said),
                windows
                        ? "try by hand: ssh " + login.where() + " powershell.exe -Command Get-Date"
                        : "set os: linux, or correct the node's address",
                null);
    }
}
