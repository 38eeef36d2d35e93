package io.k8s.sigs.swdt.connection;

import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/**
 * Sets the library's client up. Algorithms: AES-GCM first, as it is several times faster here than
 * the library's first choice, and curve25519 before the post-quantum exchange, which costs some 40
 * ms more a connection.
 */
final class SshClients {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
    // the third in a row finds two without answer: dead after 45 s
    private static final int UNANSWERED = 2;

    private SshClients() {}

    /**
     * A client, not started yet.
     *
     * @param timeout for logging in
     */
    static SshClient create(HostKeys hostKeys, Duration timeout) {
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
        // no certificates (a host would show one that known_hosts cannot hold), no SHA-1
        c.setSignatureFactories(
                List.of(
                        BuiltinSignatures.ed25519,
                        BuiltinSignatures.nistp256,
                        BuiltinSignatures.nistp384,
                        BuiltinSignatures.nistp521,
                        BuiltinSignatures.rsaSHA512,
                        BuiltinSignatures.rsaSHA256,
                        BuiltinSignatures.sk_ecdsa_sha2_nistp256,
                        BuiltinSignatures.sk_ssh_ed25519));
        c.setServerKeyVerifier((session, _, key) -> trusted(hostKeys, session, key));
        c.addSessionListener(new KnownTypesFirst(hostKeys));
        CoreModuleProperties.TCP_NODELAY.set(c, true);
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(c, KEEP_ALIVE);
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(c, UNANSWERED);
        CoreModuleProperties.AUTH_TIMEOUT.set(c, timeout);
        CoreModuleProperties.PASSWORD_PROMPTS.set(c, 1);
        // whether a session is alive is for the heartbeat to say; a command may be quiet, and a
        // slow disk may stop an upload, for longer than the library likes
        CoreModuleProperties.IDLE_TIMEOUT.set(c, Duration.ZERO);
        CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(c, Duration.ofDays(1));
        return c;
    }

    private static boolean trusted(HostKeys hostKeys, ClientSession session, PublicKey key) {
        Attempt attempt = Attempt.of(session);
        return attempt != null && attempt.trust(hostKeys.judge(attempt.login(), HostKey.of(key)));
    }

    // A server shows one key, of the first type that we ask for: ask for a type that is known
    // (k0sctl#445 and many more).
    private record KnownTypesFirst(HostKeys hostKeys) implements SessionListener {

        @Override
        public void sessionCreated(Session session) {
            Attempt attempt = Attempt.of(session);
            if (attempt == null) {
                return;
            }
            List<String> known = hostKeys.knownTypes(attempt.login());
            List<NamedFactory<Signature>> order = new ArrayList<>(session.getSignatureFactories());
            order.sort(
                    Comparator.comparing((NamedFactory<Signature> f) ->
                            known.stream().noneMatch(t -> matches(f.getName(), t))));
            session.setSignatureFactories(order);
        }

        private static boolean matches(String algorithm, String type) {
            return algorithm.equals(type)
                    || (type.equals("ssh-rsa") && algorithm.startsWith("rsa-sha2-"));
        }
    }

    private static final class Agents implements SshAgentFactory {

        @Override
        public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
            return List.of();
        }

        @Override
        public @Nullable SshAgent createClient(@Nullable Session session, FactoryManager manager) {
            Attempt attempt = Attempt.of(session);
            return attempt == null ? null : attempt.openAgent();
        }

        @Override
        public @Nullable SshAgentServer createServer(ConnectionService service) {
            return null;
        }
    }
}
