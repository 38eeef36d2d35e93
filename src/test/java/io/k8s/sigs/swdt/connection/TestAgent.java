package io.k8s.sigs.swdt.connection;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.KeyPair;
import org.apache.sshd.agent.common.AbstractAgentClient;
import org.apache.sshd.agent.local.AgentImpl;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/** An SSH agent on a Unix socket. */
final class TestAgent implements AutoCloseable {

    private final AgentImpl keys = new AgentImpl();
    private final ServerSocketChannel server;
    private final Path socket;

    TestAgent(Path socket, KeyPair... pairs) throws IOException {
        this.socket = socket;
        for (KeyPair pair : pairs) {
            keys.addIdentity(pair, "test");
        }
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::accept);
    }

    String socket() {
        return socket.toString();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            Answers answers = new Answers(keys, client);
            while (true) {
                int length = read(client, 4).getInt();
                ByteArrayBuffer message = new ByteArrayBuffer();
                message.putInt(length);
                message.putRawBytes(read(client, length).array());
                answers.messageReceived(message);
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    private static ByteBuffer read(SocketChannel from, int count) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(count);
        while (in.hasRemaining()) {
            if (from.read(in) < 0) {
                throw new EOFException();
            }
        }
        return in.flip();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static final class Answers extends AbstractAgentClient {

        private final SocketChannel client;

        Answers(AgentImpl keys, SocketChannel client) {
            super(keys);
            this.client = client;
        }

        @Override
        protected void reply(Buffer answer) throws IOException {
            ByteBuffer out = ByteBuffer.wrap(answer.array(), answer.rpos(), answer.available());
            while (out.hasRemaining()) {
                client.write(out);
            }
        }
    }
}
