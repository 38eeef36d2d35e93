package io.k8s.sigs.swdt.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import io.k8s.sigs.swdt.value.Sha256;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may use whom, and who may do what: docs/design.md 3. */
class HouseRulesTest {

    private static final String ROOM = "src/main/java/io/k8s/sigs/swdt/";

    private static final String ROOT = "io.k8s.sigs.swdt";

    /** From the lowest up; rooms of one floor don't use each other. */
    private static final List<List<String>> FLOORS =
            List.of(
                    List.of("value"),
                    List.of("config"),
                    List.of("connection"),
                    List.of("host"),
                    List.of("artifact"),
                    List.of("plan"),
                    List.of("agent", "recipe"),
                    List.of("engine"),
                    List.of("cluster"),
                    List.of("ui", "report"),
                    List.of("cli"));

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT);

    @Test
    void every_room_is_on_a_floor() {
        var rooms = new TreeSet<String>();
        CLASSES.forEach(c -> rooms.add(room(c)));

        assertThat(FLOORS.stream().flatMap(List::stream)).containsAll(rooms);
    }

    /** The package right below the root that a class lives in, or below. */
    private static String room(JavaClass type) {
        return type.getPackageName().substring(ROOT.length() + 1).replaceFirst("\\..*", "");
    }

    @Test
    void a_room_uses_only_the_floors_below_it() {
        LayeredArchitecture house = layeredArchitecture().consideringOnlyDependenciesInLayers();
        var above = new ArrayList<String>();
        for (List<String> floor : FLOORS.reversed()) {
            for (String room : floor) {
                house = house.layer(room).definedBy(ROOT + "." + room + "..");
                var layer = house.whereLayer(room);
                house =
                        above.isEmpty()
                                ? layer.mayNotBeAccessedByAnyLayer()
                                : layer.mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
            }
            above.addAll(floor);
        }

        house.check(CLASSES);
    }

    @Test
    void rooms_are_free_of_cycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void values_plans_and_recipes_do_no_input_or_output() {
        var outside = new ArrayList<String>();
        for (JavaClass origin : CLASSES) {
            if (!Set.of("value", "plan", "recipe").contains(room(origin))) {
                continue;
            }
            if (origin.isEquivalentTo(Sha256.class)) { // it may read a file, in one method
                origin.getAccessesFromSelf().stream()
                        .filter(a -> reachesOutside(a.getTargetOwner()))
                        .filter(a -> !inMethodForFiles(a))
                        .forEach(a -> outside.add(a.getDescription()));
                continue;
            }
            origin.getDirectDependenciesFromSelf().stream()
                    .filter(d -> reachesOutside(d.getTargetClass()))
                    .map(Dependency::getDescription)
                    .forEach(outside::add);
        }

        assertThat(outside).isEmpty();
    }

    private static boolean inMethodForFiles(JavaAccess<?> access) {
        return access.getOrigin().getFullName().endsWith("of(" + Path.class.getName() + ")");
    }

    private static boolean reachesOutside(JavaClass type) {
        if (Stream.of(StringReader.class, StringWriter.class).anyMatch(type::isEquivalentTo)) {
            return false;
        }
        boolean stream =
                Stream.of(
                                InputStream.class,
                                OutputStream.class,
                                Reader.class,
                                Writer.class,
                                File.class,
                                RandomAccessFile.class)
                        .anyMatch(type::isAssignableTo);
        boolean network = type.getPackageName().startsWith("java.net");
        return stream
                || (network && !type.isEquivalentTo(URI.class))
                || type.getPackageName().startsWith("java.nio.channels")
                || Stream.of(Files.class, ProcessBuilder.class, Process.class, Runtime.class)
                        .anyMatch(type::isEquivalentTo);
    }

    @Test
    void what_digests_are_made_of_has_an_order() {
        // that of Map.of and its like differs from one JVM to the next
        Pattern unordered =
                Pattern.compile(
                        "\\b(Map\\.(of|ofEntries|copyOf)\\([^)]|new Hash(Map|Set)\\b|toSet\\()");

        assertThat(
                        Sources.lines(
                                Sources.below(ROOM + "agent", ROOM + "plan", ROOM + "recipe"),
                                line -> unordered.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void only_the_rooms_of_the_user_interface_print_or_end_the_process() {
        DescribedPredicate<JavaClass> elsewhere =
                describe("live outside cli and ui", c -> !Set.of("cli", "ui").contains(room(c)));

        noClasses()
                .that(elsewhere)
                .should(ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }

    @Test
    void the_product_does_not_know_the_lab() {
        // what hosts of the lab need is said in their cluster file
        Pattern lab = Pattern.compile("(?i)\\blab\\b");

        assertThat(Sources.lines(Sources.below("src/main"), line -> lab.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void every_package_is_null_marked() {
        var packages = new TreeSet<Path>();
        for (Path source : Sources.below("src/main/java", "src/test/java")) {
            packages.add(Path.of("src/main/java").resolve(packageFolder(source)));
        }

        assertThat(packages).isNotEmpty().allMatch(HouseRulesTest::isNullMarked);
    }

    private static Path packageFolder(Path source) {
        return source.subpath(3, source.getNameCount() - 1); // below src/main/java
    }

    /** A package that only tests have may say so there. */
    private static boolean isNullMarked(Path folder) {
        Path tests = Path.of("src/test/java").resolve(folder.subpath(3, folder.getNameCount()));
        return Stream.of(folder, tests)
                .map(f -> f.resolve("package-info.java"))
                .filter(Files::exists)
                .flatMap(f -> Sources.text(f).lines())
                .anyMatch(Predicate.isEqual("@NullMarked"));
    }

    @Test
    void every_public_type_says_what_it_is() {
        assertThat(
                        Sources.below("src/main/java").stream()
                                .flatMap(f -> PublicTypes.withoutDoc(f).stream()))
                .isEmpty();
    }
}
