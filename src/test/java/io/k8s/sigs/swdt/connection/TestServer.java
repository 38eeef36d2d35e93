package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.UserAuthFactory;
import org.apache.sshd.server.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.channel.ChannelSessionFactory;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.jspecify.annotations.Nullable;

/** An SSH server on loopback whose commands are real processes of this user. */
final class TestServer implements AutoCloseable {

    private final SshServer server = SshServer.setUpDefaultServer();
    private final AtomicInteger logins = new AtomicInteger();
    private final List<String> users = new CopyOnWriteArrayList<>();
    private final Set<PublicKey> authorized = ConcurrentHashMap.newKeySet();
    private volatile List<String> shell = List.of("/bin/sh");
    private volatile @Nullable String path;
    private volatile @Nullable String password;

    TestServer() {
        server.setHost("127.0.0.1");
        hostKeys(keyPair("ssh-ed25519", 256));
        server.setPublickeyAuthenticator(
                (_, key, _) -> authorized.stream().anyMatch(a -> KeyUtils.compareKeys(a, key)));
        server.setPasswordAuthenticator((_, given, _) -> given.equals(password));
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.setCommandFactory((_, line) -> new Execution(line));
        server.addSessionListener(
                new SessionListener() {
                    @Override
                    public void sessionEvent(Session session, SessionListener.Event event) {
                        if (event == SessionListener.Event.Authenticated) {
                            logins.incrementAndGet();
                            users.add(session.getUsername());
                        }
                    }
                });
    }

    static KeyPair keyPair(String type, int bits) {
        try {
            return KeyUtils.generateKeyPair(type, bits);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    TestServer start() throws IOException {
        server.start();
        return this;
    }

    int port() {
        return server.getPort();
    }

    String name() {
        return "[127.0.0.1]:" + port();
    }

    TestServer hostKeys(KeyPair... keys) {
        server.setKeyPairProvider(KeyPairProvider.wrap(keys));
        return this;
    }

    TestServer authorize(PublicKey key) {
        authorized.add(key);
        return this;
    }

    /** Who logged in, in that order. */
    List<String> users() {
        return List.copyOf(users);
    }

    TestServer password(String text) {
        password = text;
        return this;
    }

    /** Offers these ways to log in only. */
    TestServer only(UserAuthFactory... ways) {
        server.setUserAuthFactories(List.of(ways));
        return this;
    }

    static UserAuthFactory byKey() {
        return UserAuthPublicKeyFactory.INSTANCE;
    }

    static UserAuthFactory byPassword() {
        return UserAuthPasswordFactory.INSTANCE;
    }

    static UserAuthFactory byQuestion() {
        return UserAuthKeyboardInteractiveFactory.INSTANCE;
    }

    /** What runs {@code SHELL -c LINE}. */
    void shell(String... words) {
        shell = List.of(words);
    }

    /** Where commands are found first. */
    void programs(Path folder) {
        path = folder + ":/usr/sbin:/usr/bin:/sbin:/bin";
    }

    /** Where commands are found, and nowhere else. */
    void onlyPrograms(Path folder) {
        path = folder.toString();
    }

    /** Runs one command at a time on a session, as with {@code MaxSessions 1}. */
    void oneCommandALogin() {
        Set<Session> busy = ConcurrentHashMap.newKeySet();
        server.setChannelFactories(
                List.of(
                        new ChannelSessionFactory() {
                            @Override
                            public Channel createChannel(Session session) {
                                return new OneOnly(session, busy);
                            }
                        }));
    }

    /** How many logins succeeded so far. */
    int logins() {
        return logins.get();
    }

    /** Breaks all connections as a cut cable would, at once. */
    void cut() {
        server.getActiveSessions().forEach(s -> s.close(true));
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }

    private static final class OneOnly extends ChannelSession {

        private final Session on;
        private final Set<Session> busy;

        OneOnly(Session on, Set<Session> busy) {
            this.on = on;
            this.busy = busy;
        }

        @Override
        public OpenFuture open(long recipient, long window, long packet, Buffer buffer) {
            if (busy.add(on)) {
                addCloseFutureListener(_ -> busy.remove(on));
                return super.open(recipient, window, packet, buffer);
            }
            DefaultOpenFuture refused = new DefaultOpenFuture(this, this);
            refused.setException(
                    new SshChannelOpenException(
                            getChannelId(),
                            SshConstants.SSH_OPEN_RESOURCE_SHORTAGE,
                            "open failed"));
            return refused;
        }
    }

    private final class Execution implements Command {

        private final String line;
        private @Nullable InputStream in;
        private @Nullable OutputStream out;
        private @Nullable OutputStream err;
        private @Nullable ExitCallback exit;
        private @Nullable Process process;

        Execution(String line) {
            this.line = line;
        }

        @Override
        public void setInputStream(InputStream stream) {
            in = stream;
        }

        @Override
        public void setOutputStream(OutputStream stream) {
            out = stream;
        }

        @Override
        public void setErrorStream(OutputStream stream) {
            err = stream;
        }

        @Override
        public void setExitCallback(ExitCallback callback) {
            exit = callback;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) throws IOException {
            List<String> words = new ArrayList<>(shell);
            words.addAll(List.of("-c", line));
            ProcessBuilder builder = new ProcessBuilder(words);
            if (path != null) {
                Map<String, String> variables = builder.environment();
                variables.put("PATH", path);
            }
            Process started = builder.start();
            process = started;
            Thread.ofVirtual().start(() -> copy(in, started.getOutputStream()));
            Thread reader = Thread.ofVirtual().start(() -> copy(started.getInputStream(), out));
            Thread errors = Thread.ofVirtual().start(() -> copy(started.getErrorStream(), err));
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            int code = started.waitFor();
                            reader.join();
                            errors.join();
                            if (exit != null) {
                                exit.onExit(code);
                            }
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
        }

        @Override
        public void destroy(ChannelSession channel) {
            if (process != null) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    private static void copy(@Nullable InputStream from, @Nullable OutputStream to) {
        if (from == null || to == null) {
            return;
        }
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                to.write(buffer, 0, n);
                to.flush();
            }
        } catch (IOException e) {
            // the other side has gone
        } finally {
            try {
                to.close();
            } catch (IOException e) {
                // the other side has gone
            }
        }
    }
}
