package io.k8s.sigs.swdt.connection;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.value.Secret;
import io.k8s.sigs.swdt.value.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/**
 * Opens SSH connections; all of a run share one client. Thread-safe. Algorithms: AES-GCM first, as
 * it is several times faster here than the library's first choice, and curve25519 before the
 * post-quantum exchange, which costs some 40 ms more a connection.
 */
public final class SshConnector implements AutoCloseable {

    private static final AttributeRepository.AttributeKey<Attempt> ATTEMPT =
            new AttributeRepository.AttributeKey<>();

    private final SshClient client;
    private final Logins logins;
    private final HostKeys hostKeys;
    private final @Nullable Path agentSocket;
    private final Duration timeout;

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
        String socket = environment.getOrDefault("SSH_AUTH_SOCK", "");
        this.agentSocket = socket.isEmpty() ? null : Path.of(socket);
        this.client = client();
        client.start();
    }

    /**
     * A connection to a node's host, made by its first command.
     *
     * @throws IOException if {@code ~/.ssh/config} cannot be read
     */
    public Connection connection(Cluster.Node node) throws IOException {
        return new SshConnection(node.name(), this, logins.of(node.ssh(), node.address()));
    }

    @Override
    public void close() {
        client.stop();
    }

    /** An open, authenticated session; the sessions to jump hosts close with it. */
    ClientSession dial(Login login) throws ConnectException {
        Login jump = login.jump();
        ClientSession first = jump == null ? null : dial(jump);
        try {
            ClientSession session = connect(login, first);
            if (first != null) {
                session.addCloseFutureListener(_ -> first.close(true));
            }
            return session;
        } catch (ConnectException e) {
            if (first != null) {
                first.close(true);
            }
            throw e;
        }
    }

    private ClientSession connect(Login login, @Nullable ClientSession through)
            throws ConnectException {
        Attempt attempt = new Attempt(login);
        ClientSession session = null;
        try {
            Target to = target(login, through);
            session =
                    client.connect(
                                    login.user(),
                                    to.host(),
                                    to.port(),
                                    AttributeRepository.ofKeyValuePair(ATTEMPT, attempt),
                                    null)
                            .verify(timeout)
                            .getSession();
        } catch (IOException e) {
            throw attempt.refusal != null ? attempt.refusal : unreachable(login, e);
        }
        try {
            List<String> tried = identities(session, login);
            try {
                session.auth().verify(timeout);
                return session;
            } catch (IOException e) {
                throw refused(session, attempt, tried, e);
            }
        } catch (ConnectException e) {
            session.close(true);
            throw e;
        }
    }

    private static ConnectException refused(
            ClientSession session, Attempt attempt, List<String> tried, IOException e) {
        if (attempt.refusal != null) {
            return attempt.refusal;
        }
        String message = String.valueOf(e.getMessage());
        if (!session.isOpen() && !message.contains("authentication")) {
            return unreachable(attempt.login, e);
        }
        return new ConnectException(
                ConnectException.Kind.AUTHENTICATION,
                attempt.login.where()
                        + " accepts none of the ways to log in (tried: "
                        + (tried.isEmpty() ? "none, there is no key" : String.join(", ", tried))
                        + ")",
                "try it by hand: ssh "
                        + (attempt.login.port() == 22 ? "" : "-p " + attempt.login.port() + " ")
                        + attempt.login.user()
                        + "@"
                        + attempt.login.host()
                        + " ; then set ssh.user, ssh.keyFile or ssh.password to what works",
                e);
    }

    private static ConnectException unreachable(Login login, IOException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new ConnectException(
                ConnectException.Kind.UNREACHABLE,
                login.where() + " cannot be reached: " + cause.getMessage(),
                "look whether the host is on, its address right and its SSH server running",
                e);
    }

    private static Target target(Login login, @Nullable ClientSession through) throws IOException {
        if (through == null) {
            return new Target(null, login.host(), login.port());
        }
        var forward =
                through.createLocalPortForwardingTracker(
                        new SshdSocketAddress("127.0.0.1", 0),
                        new SshdSocketAddress(login.host(), login.port()));
        return new Target(null, "127.0.0.1", forward.getBoundAddress().getPort());
    }

    private List<String> identities(ClientSession session, Login login) throws ConnectException {
        List<String> tried = new ArrayList<>();
        for (Path file : login.keys()) {
            FileKeyPairProvider provider = new FileKeyPairProvider(file);
            Secret passphrase = login.passphrase();
            if (passphrase != null) {
                provider.setPasswordFinder(FilePasswordProvider.of(passphrase.reveal()));
            }
            try {
                for (KeyPair pair : provider.loadKeys(session)) {
                    session.addPublicKeyIdentity(pair);
                }
                tried.add("key " + file);
            } catch (RuntimeException e) {
                if (login.keys().size() == 1 && login.password() == null && !login.agent()) {
                    throw new ConnectException(
                            ConnectException.Kind.AUTHENTICATION,
                            "the key " + file + " cannot be used: " + e.getMessage(),
                            "if it has a passphrase, set ssh.passphrase: {env: NAME}, or use the SSH agent",
                            e);
                }
                tried.add("key " + file + " (unusable: it may need ssh.passphrase)");
            }
        }
        if (login.agent()) {
            tried.add("SSH agent");
        }
        Secret password = login.password();
        if (password != null) {
            session.addPasswordIdentity(password.reveal());
            tried.add("password");
        }
        return tried;
    }

    private SshClient client() {
        SshClient c = SshClient.setUpDefaultClient();
        c.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        c.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        c.setAgentFactory(new Agents());
        c.setCipherFactories(
                List.of(
                        BuiltinCiphers.aes128gcm,
                        BuiltinCiphers.aes256gcm,
                        BuiltinCiphers.cc20p1305_openssh,
                        BuiltinCiphers.aes128ctr,
                        BuiltinCiphers.aes192ctr,
                        BuiltinCiphers.aes256ctr));
        List<BuiltinDHFactories> exchanges = new ArrayList<>(ClientBuilder.DEFAULT_KEX_PREFERENCE);
        exchanges.remove(BuiltinDHFactories.curve25519);
        exchanges.addFirst(BuiltinDHFactories.curve25519);
        c.setKeyExchangeFactories(
                NamedFactory.setUpTransformedFactories(true, exchanges, ClientBuilder.DH2KEX));
        c.setServerKeyVerifier((session, _, key) -> trusted(session, key));
        c.addSessionListener(new KnownTypesFirst());
        CoreModuleProperties.TCP_NODELAY.set(c, true);
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(c, Duration.ofSeconds(15));
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(c, 3);
        CoreModuleProperties.AUTH_TIMEOUT.set(c, timeout);
        return c;
    }

    private boolean trusted(ClientSession session, PublicKey key) {
        Attempt attempt = session.getConnectionContext().getAttribute(ATTEMPT);
        if (attempt == null) {
            return false;
        }
        attempt.refusal = hostKeys.refusal(attempt.login, key);
        return attempt.refusal == null;
    }

    /** One try to log in; carries the reason out of the library's callbacks. */
    private static final class Attempt {

        private final Login login;
        private volatile @Nullable ConnectException refusal;

        Attempt(Login login) {
            this.login = login;
        }
    }

    // A server shows one key, of the first type that we ask for: ask for a type that is known
    // (k0sctl#445 and many more).
    private final class KnownTypesFirst implements SessionListener {

        @Override
        public void sessionCreated(Session session) {
            if (!(session instanceof ClientSession c) || c.getConnectionContext() == null) {
                return;
            }
            Attempt attempt = c.getConnectionContext().getAttribute(ATTEMPT);
            if (attempt == null) {
                return;
            }
            List<String> known = hostKeys.knownTypes(attempt.login);
            List<NamedFactory<Signature>> order = new ArrayList<>(session.getSignatureFactories());
            order.sort(
                    Comparator.comparing((NamedFactory<Signature> f) ->
                            known.stream().noneMatch(t -> matches(f.getName(), t))));
            session.setSignatureFactories(order);
        }

        private boolean matches(String algorithm, String type) {
            return algorithm.equals(type)
                    || (type.equals("ssh-rsa") && algorithm.startsWith("rsa-sha2-"));
        }
    }

    // the library's own agent client wants tomcat-native
    private final class Agents implements SshAgentFactory {

        @Override
        public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
            return Collections.emptyList();
        }

        @Override
        public @Nullable SshAgent createClient(@Nullable Session session, FactoryManager manager)
                throws IOException {
            Attempt attempt =
                    session instanceof ClientSession c
                            ? c.getConnectionContext().getAttribute(ATTEMPT)
                            : null;
            if (attempt == null || !attempt.login.agent() || agentSocket == null) {
                return null;
            }
            return new AgentClient(agentSocket);
        }

        @Override
        public @Nullable SshAgentServer createServer(ConnectionService service) {
            return null;
        }
    }
}
