package io.k8s.sigs.swdt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.k8s.sigs.swdt.connection.ConnectException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** SSH first, another way when it is refused. */
class FallbackConnectionTest {

    private static final RemoteCommand COMMAND = RemoteCommand.powerShell("", "");

    private final List<String> notes = new ArrayList<>();
    private final Way ssh = new Way("ssh");
    private final Way direct = new Way("direct");
    private final Connection both = new FallbackConnection(ssh, direct, notes::add);

    private static final class Way implements Connection {

        private final String name;
        private final List<String> uses = new ArrayList<>();
        private @Nullable IOException fault;

        Way(String name) {
            this.name = name;
        }

        void refuses(Kind kind) {
            fault = new ConnectException(kind, name + " says no", "mend " + name, null);
        }

        private void use(String what) throws IOException {
            if (fault != null) {
                throw fault;
            }
            uses.add(what);
        }

        @Override
        public String name() {
            return "win1";
        }

        @Override
        public Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException {
            use("run");
            return new Outcome(0, List.of());
        }

        @Override
        public void upload(Path file, String sha256, String destination, LongConsumer progress)
                throws IOException {
            use("upload");
        }

        @Override
        public int roundTrips() {
            return uses.size();
        }

        @Override
        public void close() {
            uses.add("close");
        }
    }

    private void run() throws IOException {
        both.run(COMMAND, _ -> {});
    }

    @Test
    void the_first_way_is_taken_while_it_works() throws IOException {
        run();
        both.upload(Path.of("file"), "", "", _ -> {});
        both.close();

        assertThat(ssh.uses).containsExactly("run", "upload", "close");
        assertThat(direct.uses).containsExactly("close");
        assertThat(notes).isEmpty();
    }

    @Test
    void the_second_is_kept_to_once_the_first_was_refused() throws IOException {
        ssh.refuses(Kind.AUTHENTICATION);
        run();
        ssh.fault = null;
        run();

        assertThat(direct.uses).containsExactly("run", "run");
        assertThat(notes).containsExactly("ssh says no; PowerShell Direct is used instead");
        assertThat(both.roundTrips()).isEqualTo(2);
    }

    @Test
    void a_host_that_refuses_both_is_tried_by_both_again() throws IOException {
        ssh.refuses(Kind.UNREACHABLE);
        direct.refuses(Kind.AUTHENTICATION);
        ConnectException refusal = catchThrowableOfType(ConnectException.class, this::run);

        assertThat(refusal).hasMessage("ssh says no; and direct says no");
        assertThat(refusal.next()).isEqualTo("mend ssh; or mend direct");
        assertThat(refusal.kind()).isEqualTo(Kind.UNREACHABLE);
        ssh.fault = null;
        run();
        assertThat(ssh.uses).containsExactly("run");
    }

    @Test
    void a_strange_host_key_and_a_missing_privilege_are_no_reason_to_go_round() {
        for (Kind kind : List.of(Kind.HOST_KEY, Kind.PRIVILEGE)) {
            ssh.refuses(kind);
            assertThat(catchThrowableOfType(ConnectException.class, this::run))
                    .hasMessage("ssh says no");
        }
        assertThat(direct.uses).isEmpty();
    }

    @Test
    void a_connection_that_breaks_later_is_no_refusal() {
        ssh.fault = new ConnectionLostException("broke", null);

        assertThat(catchThrowableOfType(ConnectionLostException.class, this::run))
                .hasMessage("broke");
        assertThat(direct.uses).isEmpty();
    }
}
