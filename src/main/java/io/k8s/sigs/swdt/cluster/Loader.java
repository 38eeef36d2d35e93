package io.k8s.sigs.swdt.cluster;

import io.k8s.sigs.swdt.config.Cluster;
import io.k8s.sigs.swdt.config.ClusterFile;
import io.k8s.sigs.swdt.config.ConfigException;
import io.k8s.sigs.swdt.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the cluster that a user means, and loads its file. */
final class Loader {

    private Loader() {}

    /**
     * @param cluster what the file says
     * @param file where it lies
     */
    record Loaded(Cluster cluster, Path file) {}

    static Loaded load(Environment environment, Requests.Selection selection) {
        Path file = file(environment, selection);
        try {
            return new Loaded(ClusterFile.load(file, environment.variables()), file);
        } catch (ConfigException e) {
            List<Failure.Reason> reasons =
                    e.problems().stream()
                            .map(Problem::render)
                            .map(t -> Failure.Reason.of(null, t, null))
                            .toList();
            throw new Failure(ExitCode.INVALID_FILE, reasons, e);
        }
    }

    private static Path file(Environment environment, Requests.Selection selection) {
        Path given = selection.config();
        if (given != null) {
            return given;
        }
        try {
            String name = selection.cluster();
            if (name == null) {
                Path usual = Path.of("cluster.yaml");
                if (Files.exists(usual)) {
                    return usual;
                }
                List<String> known = environment.state().clusters();
                if (known.size() != 1) {
                    throw new Failure(
                            ExitCode.USAGE,
                            Failure.Reason.of(
                                    null,
                                    known.isEmpty()
                                            ? "which cluster? There is no cluster.yaml here, and no cluster was made from this machine"
                                            : "which cluster? From this machine were made: "
                                                    + String.join(", ", known),
                                    known.isEmpty()
                                            ? "name its file: --config FILE"
                                            : "name it: --cluster NAME"));
                }
                name = known.getFirst();
            }
            Path pointer = environment.state().root().resolve(name).resolve("config");
            if (!Files.exists(pointer)) {
                throw new Failure(
                        ExitCode.USAGE,
                        Failure.Reason.of(
                                null,
                                "no cluster " + name + " was made from this machine",
                                "name its file: --config FILE"));
            }
            return Path.of(Files.readString(pointer).strip());
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    Failure.Reason.of(
                            null,
                            "the state folder cannot be read: " + e.getMessage(),
                            "name the cluster's file: --config FILE"));
        }
    }
}
