package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.value.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.jspecify.annotations.Nullable;

/** One host over SSH. Thread-safe; each command has a channel of its own. */
final class SshConnection implements Connection {

    private static final int BUFFER = 1 << 18;

    // stores standard input; says first whether it is wanted at all
    private static final String STORE =
            "umask 077; mkdir -p $(dirname $1) || exit 70; if [ -f $1 ] && [ $(sha256sum < $1 |"
                    + " cut -c 1-64) = $2 ]; then echo have; exit 0; fi; echo send; cat >"
                    + " $1.swdt-part || exit 71; [ $(sha256sum < $1.swdt-part | cut -c 1-64) = $2 ]"
                    + " || exit 72; mv $1.swdt-part $1 || exit 73";

    private final String name;
    private final SshConnector connector;
    private final Login login;
    private final AtomicInteger commands = new AtomicInteger();
    private @Nullable ClientSession session;
    private boolean closed;

    SshConnection(String name, SshConnector connector, Login login) {
        this.name = name;
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
        try (Exec exec = open(command)) {
            exec.send(command.input().getBytes(StandardCharsets.UTF_8));
            exec.endInput();
            exec.read(lines);
            return exec.outcome(login);
        }
    }

    @Override
    public void upload(Path file, String sha256, String destination, LongConsumer progress)
            throws IOException {
        RemoteCommand command = new RemoteCommand(STORE, List.of(destination, sha256), "");
        try (Exec exec = open(command)) {
            String answer = exec.line();
            long sent = Files.size(file);
            if ("send".equals(answer)) {
                sent = exec.send(file, progress);
            }
            exec.endInput();
            exec.read(_ -> {});
            Outcome outcome = exec.outcome(login);
            if (outcome.exitCode() != 0) {
                throw new UploadException(
                        switch (outcome.exitCode()) {
                                    case 70 ->
                                            "the folder for " + destination + " could not be made";
                                    case 71 ->
                                            destination
                                                    + " could not be written (is the disk full?)";
                                    case 72 -> destination + " did not arrive as it was sent";
                                    default ->
                                            destination
                                                    + " could not be stored (exit code "
                                                    + outcome.exitCode()
                                                    + ")";
                                }
                                + (outcome.errorLines().isEmpty()
                                        ? ""
                                        : ": " + outcome.errorLines().getLast()),
                        null);
            }
            progress.accept(sent);
        }
    }

    @Override
    public int roundTrips() {
        return commands.get();
    }

    @Override
    public void close() {
        ClientSession open;
        synchronized (this) {
            closed = true;
            open = session;
            session = null;
        }
        if (open != null) {
            open.close(false);
        }
    }

    private Exec open(RemoteCommand command) throws IOException {
        ClientSession open = session();
        Secret password = login.sudoPassword();
        try {
            Exec exec = new Exec(open, Privilege.commandLine(command, password != null));
            try {
                String preamble =
                        (password == null ? "" : password.reveal() + "\n")
                                + Privilege.MARKER
                                + "\n";
                exec.send(preamble.getBytes(StandardCharsets.UTF_8));
                return exec;
            } catch (IOException e) {
                exec.close();
                throw e;
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private synchronized ClientSession session() throws IOException {
        if (closed) {
            throw new IOException("the connection to " + name + " was closed");
        }
        ClientSession open = session;
        if (open == null || !open.isOpen()) {
            open = connector.dial(login);
            session = open;
        }
        return open;
    }

    private static IOException lost(IOException e) {
        return e instanceof ConnectionLostException
                        || e instanceof ConnectException
                        || e instanceof InterruptedIOException
                ? e
                : new ConnectionLostException("the connection broke: " + e.getMessage(), e);
    }

    /** A running remote command. Used by one thread. */
    private static final class Exec implements AutoCloseable {

        private final ChannelExec channel;
        private final OutputStream in;
        private final BufferedReader out;
        private final Deque<String> errors = new ArrayDeque<>();
        private final Thread errorReader;
        private boolean started;

        Exec(ClientSession session, String commandLine) throws IOException {
            channel = session.createExecChannel(commandLine);
            channel.open().verify(java.time.Duration.ofSeconds(15));
            in = channel.getInvertedIn();
            out =
                    new BufferedReader(
                            new InputStreamReader(
                                    channel.getInvertedOut(), StandardCharsets.UTF_8));
            InputStream err = channel.getInvertedErr();
            errorReader = Thread.ofVirtual().start(() -> readErrors(err));
        }

        void send(byte[] bytes) throws IOException {
            try {
                in.write(bytes);
                in.flush();
            } catch (IOException e) {
                // a command may end without reading all its input; how it ended says more than this
                if (!channel.isClosing()
                        && channel.getExitStatus() == null
                        && !channel.getSession().isOpen()) {
                    throw lost(e);
                }
            }
        }

        long send(Path file, LongConsumer progress) throws IOException {
            long sent = 0;
            byte[] buffer = new byte[BUFFER];
            try (InputStream bytes = Files.newInputStream(file)) {
                for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
                    try {
                        in.write(buffer, 0, n);
                    } catch (IOException e) {
                        if (Thread.currentThread().isInterrupted()) {
                            throw (IOException)
                                    new InterruptedIOException("interrupted").initCause(e);
                        }
                        return sent;
                    }
                    sent += n;
                    progress.accept(sent);
                }
            }
            return sent;
        }

        void endInput() {
            try {
                in.close();
            } catch (IOException e) {
                // the command has ended already
                started = started || channel.isClosed();
            }
        }

        /** The next line that the script itself wrote; null at the end. */
        @Nullable String line() throws IOException {
            try {
                String line = out.readLine();
                while (!started && line != null) {
                    // before the marker: a login shell's or sudo's greeting
                    started = line.equals(Privilege.MARKER);
                    line = out.readLine();
                }
                return line;
            } catch (IOException e) {
                throw lost(e);
            }
        }

        void read(Consumer<String> lines) throws IOException {
            for (String line = line(); line != null; line = line()) {
                lines.accept(line);
            }
        }

        Outcome outcome(Login login) throws IOException {
            channel.waitFor(
                    EnumSet.of(
                            ClientChannelEvent.CLOSED,
                            ClientChannelEvent.EXIT_STATUS,
                            ClientChannelEvent.EXIT_SIGNAL),
                    5_000);
            Integer status = channel.getExitStatus();
            if (status == null && channel.getExitSignal() == null) {
                throw new ConnectionLostException("the connection broke", null);
            }
            try {
                errorReader.join(2_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            List<String> lines;
            synchronized (errors) {
                lines = List.copyOf(errors);
            }
            int code = status == null ? 128 : status;
            if (!started) {
                throw Privilege.refusal(login, code, lines);
            }
            return new Outcome(code, lines);
        }

        @Override
        public void close() {
            channel.close(true);
        }

        private void readErrors(InputStream err) {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(err, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    synchronized (errors) {
                        errors.addLast(line);
                        if (errors.size() > 40) {
                            errors.removeFirst();
                        }
                    }
                }
            } catch (IOException e) {
                synchronized (errors) {
                    errors.addLast("(" + e.getMessage() + ")");
                }
            }
        }
    }
}
