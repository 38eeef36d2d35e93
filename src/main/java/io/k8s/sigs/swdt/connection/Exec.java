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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelListener;
import org.apache.sshd.common.future.CancelOption;
import org.jspecify.annotations.Nullable;

/**
 * A running remote command. Used by one thread, whose interruption ends each wait; standard error
 * is gathered, and input sent, by threads of its own.
 */
final class Exec implements AutoCloseable {

    private static final int BUFFER = 1 << 18;
    private static final int ERROR_LINES = 40;

    // RFC 4254, 6.10
    private static final Map<String, Integer> SIGNALS =
            Map.ofEntries(
                    Map.entry("HUP", 1),
                    Map.entry("INT", 2),
                    Map.entry("QUIT", 3),
                    Map.entry("ILL", 4),
                    Map.entry("ABRT", 6),
                    Map.entry("FPE", 8),
                    Map.entry("KILL", 9),
                    Map.entry("USR1", 10),
                    Map.entry("SEGV", 11),
                    Map.entry("USR2", 12),
                    Map.entry("PIPE", 13),
                    Map.entry("ALRM", 14),
                    Map.entry("TERM", 15));

    private final String name;
    private final Login login;
    private final RemoteCommand.Shell shell;
    private final ChannelExec channel;
    private final @Nullable ClientSession own;
    private final OutputStream in;
    private final BufferedReader out;
    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch begunOrOver = new CountDownLatch(1);
    private final Thread errorReader;
    private final Deque<String> errors = new ArrayDeque<>();
    private volatile boolean begun;
    private String before = "";

    private Exec(
            String name,
            Login login,
            RemoteCommand.Shell shell,
            ChannelExec channel,
            @Nullable ClientSession own) {
        this.name = name;
        this.login = login;
        this.shell = shell;
        this.channel = channel;
        this.own = own;
        this.in = channel.getInvertedIn();
        this.out =
                new BufferedReader(
                        new InputStreamReader(channel.getInvertedOut(), StandardCharsets.UTF_8));
        InputStream err = channel.getInvertedErr();
        this.errorReader = Thread.ofVirtual().start(() -> readErrors(err));
    }

    /**
     * Starts a command.
     *
     * @param name the node's, for messages
     * @param own whether the session is there for this command only, and ends with it
     * @param limit how long the host may take to open the channel
     * @throws ConnectionLostException if the session is dead
     */
    static Exec start(
            String name,
            Login login,
            ClientSession session,
            boolean own,
            RemoteCommand command,
            Duration limit)
            throws IOException {
        ChannelExec channel =
                session.createExecChannel(
                        switch (command.shell()) {
                            case POSIX ->
                                    Privilege.commandLine(command, login.sudoPassword() != null);
                            case POWERSHELL -> PowerShell.commandLine(command);
                        });
        Exec exec;
        try {
            channel.open()
                    .verify(
                            limit,
                            CancelOption.CANCEL_ON_INTERRUPT,
                            CancelOption.CANCEL_ON_TIMEOUT);
            exec = new Exec(name, login, command.shell(), channel, own ? session : null);
        } catch (IOException e) {
            channel.close(true);
            throw lost(name, e);
        }
        channel.addCloseFutureListener(_ -> exec.lookForEnd());
        channel.addChannelListener(exec.new EndListener());
        // it may have ended before we listened
        exec.lookForEnd();
        return exec;
    }

    /** Sends the whole input from a thread of its own, so that output can be read meanwhile. */
    void feed(byte[] input) {
        begin(() -> {
            in.write(input);
            in.close();
        });
    }

    /**
     * Lets the command begin with the first part of its input; the rest follows by {@link #send}.
     */
    void begin(byte[] head) {
        begin(() -> {
            in.write(head);
            in.flush();
        });
    }

    private void begin(Sending rest) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        precede();
                        rest.send();
                    } catch (IOException e) {
                        // a command may end without reading all its input, or the session
                        // died: how it ended says more than this
                        lookForEnd();
                    }
                });
    }

    // what stands before the command's own input
    private void precede() throws IOException {
        Secret password = login.sudoPassword();
        if (password != null && shell == RemoteCommand.Shell.POSIX) {
            in.write((password.reveal() + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
            // what follows is not to be taken for a second password
            awaitBegin();
        }
        in.write((Privilege.MARKER + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    private void awaitBegin() throws IOException {
        try {
            begunOrOver.await();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        if (!begun) {
            throw new IOException("the command never began");
        }
    }

    /**
     * Streams a file and ends the input.
     *
     * @return bytes sent; fewer than the file has if the command ended before
     */
    long send(Path file, LongConsumer progress) throws IOException {
        long sent = 0;
        byte[] buffer = new byte[BUFFER];
        try (InputStream bytes = Files.newInputStream(file)) {
            for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
                try {
                    in.write(buffer, 0, n);
                } catch (InterruptedIOException e) {
                    throw interrupted(e);
                } catch (IOException e) {
                    return sent;
                }
                sent += n;
                progress.accept(sent);
            }
        }
        endInput();
        return sent;
    }

    void endInput() throws IOException {
        try {
            in.close();
        } catch (InterruptedIOException e) {
            throw interrupted(e);
        } catch (IOException e) {
            // the command has ended already
            lookForEnd();
        }
    }

    /** The next line that the script itself wrote; null at the end. */
    @Nullable String line() throws IOException {
        try {
            String line = out.readLine();
            while (!begun && line != null) {
                // before the marker: a login shell's or sudo's greeting
                if (line.equals(Privilege.MARKER)) {
                    begun = true;
                    begunOrOver.countDown();
                } else if (!line.isBlank()) {
                    before = line;
                }
                line = out.readLine();
            }
            return line;
        } catch (InterruptedIOException e) {
            throw interrupted(e);
        } catch (IOException e) {
            throw lost(name, e);
        }
    }

    void read(Consumer<String> lines) throws IOException {
        for (String line = line(); line != null; line = line()) {
            lines.accept(line);
        }
    }

    /**
     * Waits for the end.
     *
     * @throws ConnectException if the script never began
     * @throws ConnectionLostException if the connection broke
     */
    Outcome outcome() throws IOException {
        try {
            over.await();
            // a daemon that the command left behind may hold standard error for ever
            errorReader.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        Integer status = channel.getExitStatus();
        String signal = channel.getExitSignal();
        if (status == null && signal == null) {
            throw lost(name, null);
        }
        int code = status != null ? status : 128 + SIGNALS.getOrDefault(signal, 0);
        List<String> lines;
        synchronized (errors) {
            lines = List.copyOf(errors);
        }
        if (!begun) {
            String server = String.valueOf(channel.getSession().getServerVersion());
            throw switch (shell) {
                case POSIX -> Privilege.refusal(login, server, code, lines, before);
                case POWERSHELL -> PowerShell.refusal(login, server, code, lines, before);
            };
        }
        return new Outcome(code, lines);
    }

    @Override
    public void close() {
        // Not at once: without our farewell the host keeps the channel, and allows no more than
        // ten (MaxSessions of sshd). It is said in the background.
        channel.close(false);
        if (own != null) {
            own.close(false);
        }
    }

    private void lookForEnd() {
        if (channel.isClosed()
                || channel.getExitStatus() != null
                || channel.getExitSignal() != null) {
            begunOrOver.countDown();
            over.countDown();
        }
    }

    private void readErrors(InputStream err) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(err, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!begun && Privilege.asksAgain(line)) {
                    in.close();
                }
                remember(line);
            }
        } catch (IOException e) {
            // the channel was closed; how the command ended says more
            lookForEnd();
        }
    }

    private void remember(String line) {
        synchronized (errors) {
            if (line.equals(Privilege.MARKER)) {
                // before the marker: sudo's lecture
                errors.clear();
                return;
            }
            errors.addLast(line);
            if (errors.size() > ERROR_LINES) {
                errors.removeFirst();
            }
        }
    }

    static IOException interrupted(Exception cause) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("interrupted").initCause(cause);
    }

    /** What a broken session means for a caller; an interruption stays one. */
    static IOException lost(String name, @Nullable IOException cause) {
        if (cause instanceof InterruptedIOException) {
            return interrupted(cause);
        }
        String why = cause == null ? "" : ": " + cause.getMessage();
        return new ConnectionLostException("the connection to " + name + " broke" + why, cause);
    }

    private interface Sending {
        void send() throws IOException;
    }

    private final class EndListener implements ChannelListener {

        @Override
        public void channelStateChanged(Channel changed, @Nullable String hint) {
            lookForEnd();
        }

        @Override
        public void channelClosed(Channel closed, @Nullable Throwable reason) {
            lookForEnd();
        }
    }
}
