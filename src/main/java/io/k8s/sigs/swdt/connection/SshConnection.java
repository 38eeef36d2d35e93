package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.jspecify.annotations.Nullable;

/** One host over SSH. Thread-safe; each command has a channel of its own. */
final class SshConnection implements Connection {

    // Stores standard input; says first whether it is wanted at all. $1: where; $2: its sha256
    private static final String STORE =
            "umask 077; p=$1.swdt-part; mkdir -p ${1%/*} || exit 70; if [ -d $1 ]; then echo it is a"
                    + " folder >&2; exit 73; fi; if [ -f $1 ] && [ \"$(sha256sum < $1 | cut -c"
                    + " 1-64)\" = $2 ]; then echo have; exit 0; fi; rm -f $p; echo send; cat > $p ||"
                    + " { rm -f $p; exit 71; }; [ \"$(sha256sum < $p | cut -c 1-64)\" = $2 ] || { rm"
                    + " -f $p; exit 72; }; mv -f $p $1 || exit 73";

    private final String name;
    private final RemoteCommand.Shell shell;
    private final SshConnector connector;
    private final Login login;
    private final AtomicInteger commands = new AtomicInteger();
    private final ReentrantLock dialling = new ReentrantLock();
    private volatile @Nullable ClientSession session;
    private volatile boolean closed;

    SshConnection(String name, RemoteCommand.Shell shell, SshConnector connector, Login login) {
        this.name = name;
        this.shell = shell;
        this.connector = connector;
        this.login = login;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
        commands.incrementAndGet();
        try (Exec exec = start(command)) {
            exec.feed(command.input().getBytes(StandardCharsets.UTF_8));
            exec.read(lines);
            return exec.outcome();
        }
    }

    @Override
    public void upload(Path file, String sha256, String destination, LongConsumer progress)
            throws IOException {
        RemoteCommand command =
                switch (shell) {
                    case POSIX -> new RemoteCommand(STORE, List.of(destination, sha256), "");
                    case POWERSHELL ->
                            RemoteCommand.powerShell(
                                    PowerShell.STORE,
                                    Json.write(Ordered.map("path", destination, "sha256", sha256))
                                            + "\n");
                };
        try (Exec exec = start(command)) {
            exec.begin(command.input().getBytes(StandardCharsets.UTF_8));
            String answer = exec.line();
            if ("send".equals(answer)) {
                exec.send(file, progress);
            } else {
                exec.endInput();
            }
            exec.read(_ -> {});
            Outcome outcome = exec.outcome();
            if (outcome.exitCode() != 0) {
                throw UploadException.of(destination, outcome);
            }
            if ("have".equals(answer)) {
                progress.accept(Files.size(file));
            }
        }
    }

    @Override
    public int roundTrips() {
        return commands.get();
    }

    @Override
    public void close() {
        closed = true;
        ClientSession open = session;
        if (open != null) {
            // at once: on a cut cable a farewell would be waited for
            open.close(true);
        }
    }

    private Exec start(RemoteCommand command) throws IOException {
        ClientSession open = session();
        Duration limit = connector.timeout();
        try {
            return Exec.start(name, login, open, false, command, limit);
        } catch (ConnectionLostException e) {
            IOException cause = e.getCause() instanceof IOException io ? io : e;
            if (cause.getCause() instanceof SshChannelOpenException) {
                // the host allows no more commands on one session (MaxSessions of sshd)
                return Exec.start(name, login, connector.dial(login), true, command, limit);
            }
            if (cause.getCause() instanceof TimeoutException) {
                // no answer: the session is dead, though nothing has closed it yet
                open.close(true);
            }
            throw e;
        }
    }

    private ClientSession session() throws IOException {
        try {
            dialling.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Exec.interrupted(e);
        }
        try {
            if (closed) {
                throw new IOException("the connection to " + name + " was closed");
            }
            ClientSession open = session;
            if (open == null || !open.isOpen()) {
                open = connector.dial(login);
                session = open;
            }
            return open;
        } finally {
            dialling.unlock();
        }
    }
}
