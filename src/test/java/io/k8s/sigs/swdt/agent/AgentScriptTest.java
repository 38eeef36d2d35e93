package io.k8s.sigs.swdt.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.artifact.Artifact;
import io.k8s.sigs.swdt.plan.Change;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's script, run for real by each shell that it must get along with. */
@ParameterizedClass(allowZeroInvocations = true)
@MethodSource("io.k8s.sigs.swdt.agent.ScriptHost#shells")
class AgentScriptTest {

    private static final String ODD = "a 'b' \"c\" $d `e` \\f\t%09 ü\n-n line\n\nend";

    @TempDir Path temporary;

    private final String shell;
    private ScriptHost host;

    AgentScriptTest(String shell) {
        this.shell = shell;
    }

    @BeforeEach
    void an_empty_host() throws IOException {
        host = new ScriptHost(Files.createDirectory(temporary.resolve("host")), shell);
    }

    private Change.TextFile file(String name, String text) {
        return new Change.TextFile(host.path(name).toString(), "0640", text);
    }

    private Change.FileBlock block(String name, String text) {
        return new Change.FileBlock(host.path(name).toString(), "swdt c1", text);
    }

    /** States of steps as {@code state key}, with the host's folder taken out. */
    private List<String> steps(List<AgentEvent> events) {
        return events.stream()
                .filter(e -> e instanceof AgentEvent.StepState)
                .map(e -> (AgentEvent.StepState) e)
                .filter(e -> !e.state().equals("started"))
                .map(e ->
                        e.state()
                                + " "
                                + e.key().replace(host.path("").toString(), "")
                                + (e.detail().isEmpty() ? "" : ": " + e.detail()))
                .toList();
    }

    private static AgentEvent.Ended end(List<AgentEvent> events) {
        return (AgentEvent.Ended) events.getLast();
    }

    /** Everything on the host but the agent's own folder: path, mode, time and content. */
    private Map<String, String> picture() throws IOException {
        Map<String, String> picture = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(host.path(""))) {
            for (Path path : paths.filter(p -> !p.startsWith(host.state())).toList()) {
                String name = host.path("").relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    picture.put(name, "-> " + Files.readSymbolicLink(path));
                } else if (Files.isDirectory(path)) {
                    picture.put(name, "folder " + mode(path));
                } else {
                    picture.put(
                            name,
                            mode(path)
                                    + " "
                                    + Files.getLastModifiedTime(path)
                                    + " "
                                    + Files.readString(path));
                }
            }
        }
        return picture;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private Path old(String name, String text) throws IOException {
        Path path = host.path(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        return path;
    }

    @Test
    void a_file_gets_exactly_its_text_and_mode_and_goes_again_with_its_folders()
            throws IOException {
        Map<String, String> before = picture();

        assertThat(steps(host.apply(file("etc/a/b.conf", ODD))))
                .containsExactly("applied file /etc/a/b.conf");
        assertThat(host.path("etc/a/b.conf")).content().isEqualTo(ODD);
        assertThat(mode(host.path("etc/a/b.conf"))).isEqualTo("rw-r-----");

        List<AgentEvent> reverted = host.revert(false);
        assertThat(steps(reverted)).containsExactly("reverted file /etc/a/b.conf");
        assertThat(end(reverted)).isEqualTo(new AgentEvent.Ended("ok", ""));
        assertThat(picture()).isEqualTo(before);
        assertThat(host.state()).doesNotExist();
    }

    @Test
    void a_file_of_the_user_comes_back_with_time_mode_and_odd_name() throws IOException {
        old("etc/it's a \"file\" $x", "the user's\n");
        Files.createSymbolicLink(host.path("etc/link"), Path.of("it's elsewhere"));
        Map<String, String> before = picture();

        assertThat(
                        steps(
                                host.apply(
                                        file("etc/it's a \"file\" $x", "ours"),
                                        file("etc/link", "ours"))))
                .containsExactly("applied file /etc/it's a \"file\" $x", "applied file /etc/link");
        assertThat(host.path("etc/link")).isRegularFile().content().isEqualTo("ours");
        host.revert(false);

        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void what_holds_already_is_kept_and_does_not_get_into_the_journal() throws IOException {
        old("etc/a", "same");

        assertThat(host.check(file("etc/a", "same"), file("etc/b", "new"), file("etc/a", "other")))
                .contains(
                        new AgentEvent.Check("file " + host.path("etc/a"), "keep"),
                        new AgentEvent.Check("file " + host.path("etc/b"), "add"),
                        new AgentEvent.Check("file " + host.path("etc/a"), "alter"));
        assertThat(steps(host.apply(file("etc/a", "same")))).containsExactly("kept file /etc/a");
        assertThat(steps(host.revert(false))).isEmpty();
        assertThat(host.path("etc/a")).content().isEqualTo("same");
    }

    @Test
    void several_changes_of_one_file_are_undone_back_to_the_first() throws IOException {
        old("etc/a", "the user's");
        Map<String, String> before = picture();
        host.apply(file("etc/a", "one"));
        host.apply(file("etc/a", "two"));

        assertThat(steps(host.revert(false)))
                .containsExactly("reverted file /etc/a", "reverted file /etc/a");
        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void what_was_altered_since_is_left_alone_unless_forced() throws IOException {
        old("etc/a", "the user's");
        Map<String, String> before = picture();
        host.apply(file("etc/a", "ours"), file("etc/b", "ours"));
        Files.writeString(host.path("etc/a"), "altered");

        List<AgentEvent> reverted = host.revert(false);
        assertThat(steps(reverted))
                .containsExactly(
                        "reverted file /etc/b",
                        "left file /etc/a: altered since swdt left it; --force puts it back all the same");
        assertThat(host.path("etc/a")).content().isEqualTo("altered");
        assertThat(host.state()).exists();

        assertThat(steps(host.revert(true))).containsExactly("reverted file /etc/a");
        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void what_stays_is_named_as_a_difference() throws IOException {
        host.apply(file("etc/a", "ours"));
        Files.writeString(host.path("etc/foreign"), "of somebody else");

        assertThat(host.revert(false))
                .contains(
                        new AgentEvent.Difference("+", "./etc"),
                        new AgentEvent.Difference("+", "./etc/foreign"));
    }

    @Test
    void a_block_is_added_to_a_file_and_taken_out_of_it_byte_for_byte() throws IOException {
        old("hosts", "127.0.0.1 localhost\r\n10.0.0.1\tmine # no end");
        Map<String, String> before = picture();

        host.apply(block("hosts", "10.0.0.2 cp1"));
        assertThat(host.path("hosts"))
                .content()
                .isEqualTo(
                        """
                        127.0.0.1 localhost\r
                        10.0.0.1\tmine # no end
                        # BEGIN swdt c1
                        10.0.0.2 cp1
                        # END swdt c1
                        """);
        host.apply(block("hosts", "10.0.0.2 cp1\n10.0.0.3 w1"));
        assertThat(host.path("hosts")).content().endsWith("w1\n# END swdt c1\n");
        host.revert(false);

        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void lines_that_were_added_around_a_block_stay() throws IOException {
        old("hosts", "a\n");
        host.apply(block("hosts", "ours"));
        Files.writeString(
                host.path("hosts"), "first\n" + Files.readString(host.path("hosts")) + "last\n");

        host.revert(false);

        assertThat(host.path("hosts")).content().isEqualTo("first\na\nlast\n");
    }

    @Test
    void a_program_is_moved_from_where_it_was_uploaded() throws IOException {
        Artifact tool = upload("tool", "#!/bin/sh\n".getBytes(UTF_8));
        old("bin/tool", "old");
        Map<String, String> before = picture();
        Change.Program change = new Change.Program(host.path("bin/tool").toString(), "0755", tool);

        assertThat(steps(host.apply(change))).containsExactly("applied program /bin/tool");
        assertThat(host.path("bin/tool")).content().isEqualTo("#!/bin/sh\n");
        assertThat(mode(host.path("bin/tool"))).isEqualTo("rwxr-xr-x");
        assertThat(host.state().resolve("files")).doesNotExist();
        assertThat(host.check(change)).contains(new AgentEvent.Check(change.key(), "keep"));
        host.revert(false);

        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void an_archive_is_unpacked_and_what_stood_in_its_place_comes_back() throws IOException {
        Path source = Files.createDirectories(temporary.resolve("pack/bin/sub"));
        Files.writeString(source.resolveSibling("one"), "new one");
        Files.writeString(source.resolve("two"), "new two");
        Files.writeString(temporary.resolve("pack/README"), "not wanted");
        tar(temporary.resolve("a.tgz"), temporary.resolve("pack"));
        Artifact archive = upload("tools", Files.readAllBytes(temporary.resolve("a.tgz")));
        old("opt/one", "old one");
        old("opt/mine", "mine");
        Map<String, String> before = picture();
        Change.Archive change = new Change.Archive(host.path("opt").toString(), "bin", archive);

        assertThat(steps(host.apply(change))).containsExactly("applied " + key(change));
        assertThat(host.path("opt/one")).content().isEqualTo("new one");
        assertThat(host.path("opt/sub/two")).content().isEqualTo("new two");
        assertThat(host.path("opt/README")).doesNotExist();
        assertThat(host.check(change)).contains(new AgentEvent.Check(change.key(), "keep"));
        host.revert(false);

        assertThat(picture()).isEqualTo(before);
    }

    private String key(Change change) {
        return change.key().replace(host.path("").toString(), "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"k_file_apply", "k_file_verify", "journal_after"})
    void a_power_cut_leaves_nothing_that_cannot_be_undone(String moment) throws IOException {
        old("etc/a", "the user's");
        Map<String, String> before = picture();

        List<AgentEvent> cut = host.applyUntil(moment, file("etc/a", "ours"));
        assertThat(steps(cut)).isEmpty();
        assertThat(steps(host.revert(false))).containsExactly("reverted file /etc/a");

        assertThat(picture()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"k_file_apply", "k_file_verify", "journal_after"})
    void a_run_after_a_power_cut_goes_on_and_can_be_undone(String moment) throws IOException {
        old("etc/a", "the user's");
        Map<String, String> before = picture();

        host.applyUntil(moment, file("etc/a", "ours"));
        List<AgentEvent> again = host.apply(file("etc/a", "ours"), file("etc/b", "ours"));
        assertThat(end(again)).isEqualTo(new AgentEvent.Ended("ok", ""));
        assertThat(host.path("etc/a")).content().isEqualTo("ours");
        assertThat(steps(host.revert(false)))
                .containsExactly("reverted file /etc/b", "reverted file /etc/a");

        assertThat(picture()).isEqualTo(before);
    }

    @Test
    void a_failing_step_ends_the_program_and_tells_of_its_last_lines() throws IOException {
        Files.createDirectory(host.path("a-folder"));

        List<AgentEvent> events =
                host.apply(file("etc/a", "x"), file("a-folder", "x"), file("b", "x"));

        String key = "file " + host.path("a-folder");
        String message = host.path("a-folder") + " exists and is not a file";
        assertThat(steps(events))
                .containsExactly("applied file /etc/a", "failed file /a-folder: " + message);
        assertThat(events)
                .contains(new AgentEvent.Log("== " + key), new AgentEvent.Log(message))
                .anySatisfy(e ->
                        assertThat(e)
                                .isInstanceOfSatisfying(
                                        AgentEvent.StepFailed.class,
                                        f -> {
                                            assertThat(f.key()).isEqualTo(key);
                                            assertThat(f.message()).isEqualTo(message);
                                        }));
        assertThat(end(events)).isEqualTo(new AgentEvent.Ended("failed", ""));
        assertThat(host.path("b")).doesNotExist();
    }

    @Test
    void a_host_of_another_cluster_or_under_another_run_is_refused() throws IOException {
        host.applyAs(ScriptHost.SESSION, file("a", "x"));
        Session otherRun = new Session("c1", "uid-1", "0.1.0", "run2", List.of(), "ben@there", 60);
        Session overDead =
                new Session(
                        "c1", "uid-1", "0.1.0", "run2", List.of("run0", "run1"), "ben@there", 60);
        Session otherCluster =
                new Session("c2", "uid-2", "0.1.0", "run1", List.of(), "ben@there", 60);

        assertThat(end(host.applyAs(otherRun, file("b", "x"))))
                .isEqualTo(new AgentEvent.Ended("locked", "anna@here"));
        assertThat(end(host.applyAs(otherCluster, file("b", "x"))))
                .isEqualTo(new AgentEvent.Ended("foreign", "c1"));
        assertThat(host.path("b")).doesNotExist();
        assertThat(end(host.applyAs(overDead, file("b", "x"))))
                .isEqualTo(new AgentEvent.Ended("ok", ""));
    }

    @Test
    void who_follows_a_program_hears_all_of_it_or_that_it_is_gone() {
        host.apply(file("a", "x"));
        assertThat(steps(host.follow("p1"))).containsExactly("applied file /a");
        assertThat(end(host.follow("p1"))).isEqualTo(new AgentEvent.Ended("ok", ""));

        host.revert(false);
        assertThat(end(host.follow("p1"))).isEqualTo(new AgentEvent.Ended("gone", ""));
    }

    private Artifact upload(String name, byte[] content) throws IOException {
        Path aside = Files.write(temporary.resolve("upload"), content);
        Sha256 sha = Sha256.of(aside);
        Path files = Files.createDirectories(host.state().resolve("files"));
        Files.move(aside, files.resolve(sha.hex()));
        return new Artifact(name, "1.0", "any", "https://example.org/" + name, sha);
    }

    private static void tar(Path target, Path folder) throws IOException {
        try {
            assertThat(
                            new ProcessBuilder(
                                            "tar",
                                            "-C",
                                            folder.toString(),
                                            "-czf",
                                            target.toString(),
                                            ".")
                                    .start()
                                    .waitFor())
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
