package io.k8s.sigs.swdt.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {

    @TempDir Path folder;

    @Test
    void keeps_what_was_said_before_its_place_was_known() throws IOException {
        RunLog log = new RunLog();
        log.line("early");
        assertThat(log.file()).isNull();

        log.keep(folder.resolve("log"), "create");
        log.line("late");
        log.close();

        Path file = Objects.requireNonNull(log.file());
        assertThat(file).hasParent(folder.resolve("log"));
        assertThat(file.getFileName().toString()).matches("\\d{8}-\\d{6}-create\\.log");
        assertThat(Files.readAllLines(file))
                .satisfiesExactly(
                        l -> assertThat(l).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} early"),
                        l -> assertThat(l).endsWith(" late"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void only_the_newest_twenty_stay() throws IOException {
        for (int i = 10; i < 35; i++) {
            Files.writeString(folder.resolve("202001" + i + "-000000-create.log"), "");
        }
        Files.writeString(folder.resolve("other.txt"), "");

        RunLog log = new RunLog();
        log.keep(folder, "destroy");
        log.close();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()).sorted())
                    .hasSize(21)
                    .startsWith("20200116-000000-create.log")
                    .endsWith("other.txt");
        }
    }
}
