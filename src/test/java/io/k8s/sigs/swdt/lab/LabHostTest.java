package io.k8s.sigs.swdt.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@LabTest
class LabHostTest {

    static List<LabHost> hosts = List.of();

    @BeforeAll
    static void two_hosts(Lab lab) {
        hosts = lab.linux("lt1", "lt2");
    }

    private static LabHost first() {
        return hosts.getFirst();
    }

    @Test
    void each_has_its_own_name_and_address(Lab lab) {
        assertThat(hosts)
                .allSatisfy(host ->
                        assertThat(host.run("hostname; hostname -I"))
                                .isEqualTo(host.name() + "\n" + host.address() + " \n"));
        assertThat(hosts).extracting(LabHost::name).containsExactly("lt1", "lt2");
        assertThat(first().address()).startsWith(lab.network() + ".");
        assertThat(lab.linux("lt1")).isSameAs(first());
    }

    @Test
    void output_errors_and_exit_code_of_a_command_are_kept_apart() {
        assertThat(first().exec("echo out; echo err >&2; exit 7"))
                .isEqualTo(new LabHost.Result(7, "out\n", "err\n"));
    }

    @Test
    void other_users_can_be_had() {
        assertThat(first().execAs("deploy", "id -un; sudo -n id -un").stdout())
                .isEqualTo("deploy\nroot\n");
    }

    @Test
    void a_file_comes_back_as_it_was_written() {
        String text = "first line\n  'quoted' $HOME ü\nno newline at the end";

        first().write("/tmp/a new folder/it's here", text);

        assertThat(first().read("/tmp/a new folder/it's here")).isEqualTo(text);
        assertThat(first().has("/tmp/a new folder")).isTrue();
        assertThat(first().has("/tmp/no folder")).isFalse();
    }

    @Test
    void a_command_that_must_succeed_says_how_it_failed() {
        assertThatIllegalStateException()
                .isThrownBy(() -> first().run("echo trouble >&2; exit 3"))
                .withMessage("lt1: echo trouble >&2; exit 3 ended with 3:\ntrouble\n");
    }

    @Test
    void a_cluster_file_names_the_hosts_in_their_order(Lab lab, @TempDir Path folder) {
        Path file =
                new LabClusterFile(lab, "two")
                        .withKubernetes("1.35.3")
                        .withUser("deploy")
                        .write(folder, hosts);

        assertThat(file).hasFileName("two.yaml");
        assertThat(file)
                .content()
                .contains("metadata: {name: two}", "version: 1.35.3", "user: deploy,")
                .endsWith(
                        """
                          nodes:
                            - {name: lt1, role: control-plane, os: linux, address: %s}
                            - {name: lt2, role: worker, os: linux, address: %s}
                        """
                                .formatted(first().address(), hosts.get(1).address()));
    }

    @Nested
    class A_host_in_trouble {

        @Test
        void is_the_same_host_in_the_inner_class(Lab lab) {
            assertThat(lab.linux("lt2")).isSameAs(hosts.get(1));
        }

        @Test
        void does_not_answer_while_its_cable_is_cut() {
            first().cut();
            LabHost.Result cut = first().exec("true");
            first().mend();

            assertThat(cut.exit()).isEqualTo(255);
            assertThat(first().exec("true").exit()).isZero();
        }

        @Test
        void keeps_its_disk_through_a_power_cut() {
            String before = first().bootId();
            first().write("/root/kept", "kept");
            first().run("sync");

            first().down();
            String off = first().bootId();
            first().up();

            assertThat(off).isEmpty();
            assertThat(first().bootId()).isNotEmpty().isNotEqualTo(before);
            assertThat(first().read("/root/kept")).isEqualTo("kept");
        }

        @Test
        void answers_again_after_a_reboot() {
            String before = first().bootId();

            first().reboot();

            assertThat(first().bootId()).isNotEmpty().isNotEqualTo(before);
        }
    }
}
