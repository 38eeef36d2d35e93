package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import io.k8s.sigs.swdt.value.Secret;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.NoRouteToHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.forward.ExplicitPortForwardingTracker;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.future.CancelOption;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Opens SSH connections; all of a run share one client, and all that go through a jump host share
 * one session to it. Thread-safe.
 */
public final class SshConnector implements AutoCloseable {

    private static final CancelOption[] GIVE_UP = {
        CancelOption.CANCEL_ON_INTERRUPT, CancelOption.CANCEL_ON_TIMEOUT
    };

    // sshd drops connections at random when many log in at once (MaxStartups 10:30:100)
    private static final int TRIES = 4;
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final SshClient client;
    private final Logins logins;
    private final HostKeys hostKeys;
    private final Duration timeout;
    private final KeyRing keys = new KeyRing();
    private final Map<Login, JumpHost> jumpHosts = new ConcurrentHashMap<>();

    /**
     * @param hostKeys which hosts are trusted
     * @param home the user's home folder, with {@code .ssh}
     * @param user the local user's name
     * @param environment of this process
     * @param timeout for each of: reaching a host, logging in
     */
    public SshConnector(
            HostKeys hostKeys,
            Path home,
            String user,
            Map<String, String> environment,
            Duration timeout) {
        this.hostKeys = hostKeys;
        this.timeout = timeout;
        this.logins = new Logins(home, user, environment);
        this.client = SshClients.create(hostKeys, timeout);
        client.start();
    }

    /**
     * A connection to a node's host, made by its first command.
     *
     * @throws IOException if {@code ~/.ssh/config} cannot be read, with a message fit for a user
     */
    public Connection connection(Cluster.Node node) throws IOException {
        RemoteCommand.Shell shell =
                switch (node.os()) {
                    case LINUX -> RemoteCommand.Shell.POSIX;
                    case WINDOWS -> RemoteCommand.Shell.POWERSHELL;
                };
        return new SshConnection(node.name(), shell, this, logins.of(node.ssh(), node.address()));
    }

    /**
     * The public key of the first private key by which a login would be tried: what stands in the
     * file beside it; empty where there is none.
     */
    String publicKey(Cluster.Node node) throws IOException {
        for (Path key : logins.of(node.ssh(), node.address()).keys()) {
            Path beside = key.resolveSibling(key.getFileName() + ".pub");
            if (Files.isReadable(beside)) {
                return Files.readString(beside).strip();
            }
        }
        return "";
    }

    /** Ends all sessions at once. */
    @Override
    public void close() {
        client.close(true);
    }

    /** How long a host may take to answer. */
    Duration timeout() {
        return timeout;
    }

    /**
     * An open, authenticated session.
     *
     * @throws ConnectException if the host cannot be reached, or refuses
     * @throws IOException if the thread was interrupted
     */
    ClientSession dial(Login login) throws IOException {
        for (int tries = 1; ; tries++) {
            Attempt attempt = new Attempt(login);
            try {
                return connect(attempt);
            } catch (ConnectException e) {
                if (tries == TRIES) {
                    throw e;
                }
                if (attempt.verdict() instanceof HostKeys.Verdict.Unknown(HostKey key)) {
                    // asked here, without a session whose time to log in runs out meanwhile
                    hostKeys.learn(login, key);
                } else if (login.jump() != null || e.kind() != Kind.UNREACHABLE || !dropped(e)) {
                    throw e;
                } else {
                    pause(tries);
                }
            }
        }
    }

    // a server that is busy with other logins hangs up (MaxStartups); one that is silent, refuses
    // or
    // is not there would only be waited for again
    private static boolean dropped(ConnectException e) {
        return e.getCause() instanceof SshException
                && !(root(e) instanceof TimeoutException)
                && !(root(e) instanceof java.net.ConnectException)
                && !(root(e) instanceof NoRouteToHostException)
                && !(root(e) instanceof UnresolvedAddressException);
    }

    private static Throwable root(Throwable e) {
        Throwable root = e;
        for (Throwable t = e; t != null; t = t.getCause()) {
            root = t;
        }
        return root;
    }

    private static void pause(int tries) throws IOException {
        try {
            Thread.sleep(PAUSE.multipliedBy(tries));
        } catch (InterruptedException e) {
            throw Exec.interrupted(e);
        }
    }

    private ClientSession connect(Attempt attempt) throws IOException {
        Login login = attempt.login();
        Login jump = login.jump();
        if (jump == null) {
            return connect(attempt, login.host(), login.port());
        }
        ClientSession first = jumpHosts.computeIfAbsent(jump, JumpHost::new).session();
        // the port is open only while we log in; the established connection outlives it
        try (ExplicitPortForwardingTracker forward =
                first.createLocalPortForwardingTracker(
                        new SshdSocketAddress("127.0.0.1", 0),
                        new SshdSocketAddress(login.host(), login.port()))) {
            return connect(attempt, "127.0.0.1", forward.getBoundAddress().getPort());
        } catch (ConnectException e) {
            throw e;
        } catch (IOException e) {
            throw unreachable(login, e);
        }
    }

    private ClientSession connect(Attempt attempt, String host, int port) throws IOException {
        Login login = attempt.login();
        ClientSession session = null;
        try {
            session =
                    client.connect(
                                    login.user(),
                                    host,
                                    port,
                                    AttributeRepository.ofKeyValuePair(Attempt.KEY, attempt),
                                    null)
                            .verify(timeout, GIVE_UP)
                            .getSession();
            offer(session, attempt);
            session.auth().verify(timeout, GIVE_UP);
            return session;
        } catch (IOException e) {
            if (session != null) {
                session.close(true);
            }
            throw why(attempt, e);
        }
    }

    private void offer(ClientSession session, Attempt attempt) throws ConnectException {
        Login login = attempt.login();
        for (Path file : login.keys()) {
            try {
                for (KeyPair pair : keys.load(file, login.passphrase())) {
                    session.addPublicKeyIdentity(pair);
                }
                attempt.tried("key " + file);
            } catch (KeyRing.UnusableKeyException e) {
                boolean agentMayHaveIt = e.wantsPassphrase() && login.agent() != null;
                if (login.onlyKeys() && !agentMayHaveIt && login.password() == null) {
                    throw unusable(login, file, e);
                }
                attempt.tried("key " + file + " (not used: " + e.getMessage() + ")");
            }
        }
        Secret password = login.password();
        if (password != null) {
            session.addPasswordIdentity(password.reveal());
            attempt.tried("password");
        }
    }

    private static ConnectException unusable(
            Login login, Path file, KeyRing.UnusableKeyException e) {
        return new ConnectException(
                Kind.AUTHENTICATION,
                "the key " + file + " for " + login.where() + " cannot be used: " + e.getMessage(),
                e.wantsPassphrase()
                        ? "set ssh.passphrase: {env: NAME} to its passphrase, or add it to the SSH agent (ssh-add)"
                        : "correct ssh.keyFile",
                e);
    }

    private static IOException why(Attempt attempt, IOException e) {
        if (e instanceof ConnectException) {
            return e;
        }
        if (e instanceof InterruptedIOException) {
            return Exec.interrupted(e);
        }
        Login login = attempt.login();
        return switch (attempt.verdict()) {
            case null -> unreachable(login, e);
            case HostKeys.Verdict.Refused(ConnectException refusal) -> refusal;
            case HostKeys.Verdict.Unknown(HostKey key) ->
                    new ConnectException(
                            Kind.HOST_KEY,
                            "the host key of " + login.knownAs() + " is not known",
                            "compare " + key.fingerprint(),
                            e);
            case HostKeys.Verdict.Trusted() ->
                    refused(e) ? notAuthenticated(attempt, e) : unreachable(login, e);
        };
    }

    // the library found no more ways to try, or the host had enough of them
    private static boolean refused(IOException e) {
        return e instanceof SshException s
                && (s.getDisconnectCode()
                                == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
                        || String.valueOf(s.getMessage()).contains("authentication")
                        || String.valueOf(s.getMessage()).contains("signing"));
    }

    private static ConnectException notAuthenticated(Attempt attempt, IOException e) {
        Login login = attempt.login();
        boolean tooMany = String.valueOf(e.getMessage()).contains("oo many");
        String port = login.port() == 22 ? "" : "-p " + login.port() + " ";
        return new ConnectException(
                Kind.AUTHENTICATION,
                String.format(
                        "%s accepts none of the ways to log in%s; tried: %s",
                        login.where(),
                        tooMany ? " (it ended after too many)" : "",
                        attempt.tried()),
                String.format(
                        "try by hand: ssh %s%s@%s; then set ssh.user, ssh.keyFile or ssh.password to what works",
                        port, login.user(), login.host()),
                e);
    }

    private static ConnectException unreachable(Login login, IOException e) {
        String why =
                switch (root(e)) {
                    case TimeoutException _ -> "it does not answer";
                    // our end of a tunnel was closed, one way or another
                    case Throwable _ when login.jump() != null ->
                            "the jump host finds no SSH server there";
                    case UnresolvedAddressException _ -> "its name is not known";
                    case Throwable t when t.getMessage() == null -> t.getClass().getSimpleName();
                    case Throwable t -> String.valueOf(t.getMessage());
                };
        return new ConnectException(
                Kind.UNREACHABLE,
                login.where() + " cannot be reached: " + why,
                "look whether the host is on, its address right and its SSH server running",
                e);
    }

    /** One session for all that go through it. */
    private final class JumpHost {

        private final Login login;
        private final ReentrantLock dialling = new ReentrantLock();
        private @Nullable ClientSession session;

        JumpHost(Login login) {
            this.login = login;
        }

        ClientSession session() throws IOException {
            try {
                dialling.lockInterruptibly();
            } catch (InterruptedException e) {
                throw Exec.interrupted(e);
            }
            try {
                ClientSession open = session;
                if (open == null || !open.isOpen()) {
                    open = dial(login);
                    session = open;
                }
                return open;
            } finally {
                dialling.unlock();
            }
        }
    }
}
