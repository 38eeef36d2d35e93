package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.sshd.agent.common.AbstractAgentProxy;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/**
 * The user's SSH agent, through the JDK's own Unix sockets (the library's client wants
 * tomcat-native). One thread at a time. Protocol: draft-ietf-sshm-ssh-agent.
 */
final class AgentClient extends AbstractAgentProxy {

    private static final int LONGEST_ANSWER = 1 << 20;

    private final SocketChannel channel;
    private final Predicate<PublicKey> wanted;
    private int keys;

    /**
     * @param socket as {@code SSH_AUTH_SOCK} names it
     * @param wanted which of its keys to offer
     * @throws IOException if nobody answers there
     */
    AgentClient(Path socket, Predicate<PublicKey> wanted) throws IOException {
        super(null);
        this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        this.wanted = wanted;
    }

    /** How many keys were offered so far. */
    int keys() {
        return keys;
    }

    @Override
    public Iterable<? extends Map.Entry<PublicKey, String>> getIdentities() throws IOException {
        List<Map.Entry<PublicKey, String>> offered = new ArrayList<>();
        for (Map.Entry<PublicKey, String> identity : super.getIdentities()) {
            if (wanted.test(identity.getKey())) {
                offered.add(identity);
            }
        }
        keys = offered.size();
        return offered;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    protected synchronized Buffer request(Buffer request) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(request.array(), request.rpos(), request.available());
        while (out.hasRemaining()) {
            channel.write(out);
        }
        int length = read(4).getInt();
        if (length < 0 || length > LONGEST_ANSWER) {
            throw new IOException("the SSH agent's answer is " + length + " bytes long");
        }
        return new ByteArrayBuffer(read(length).array());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private ByteBuffer read(int count) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(count);
        while (in.hasRemaining()) {
            if (channel.read(in) < 0) {
                throw new IOException("the SSH agent closed the connection");
            }
        }
        return in.flip();
    }
}
