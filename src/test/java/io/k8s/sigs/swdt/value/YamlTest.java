package io.k8s.sigs.swdt.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {

    @Nested
    class Parsing {

        @Test
        void gives_maps_lists_and_scalars_in_the_documents_order() {
            assertThat(
                            Yaml.parse(
                                    "b: [1, -0x10, 0o17, 1.5, .inf]\na: {x: true, y: ~, z: 'true'}\nn: 12345678901"))
                    .isEqualTo(
                            map(
                                    "b",
                                            Arrays.asList(
                                                    1, "-0x10", 15, 1.5, Double.POSITIVE_INFINITY),
                                    "a", map("x", true, "y", null, "z", "true"),
                                    "n", 12345678901L));
        }

        @Test
        void reads_json_with_escapes() {
            assertThat(Yaml.parse("{\"a\\u0041\":\t[\"x\\\"\\n\", null, {}], \"b\":1e3}"))
                    .isEqualTo(map("aA", Arrays.asList("x\"\n", null, Map.of()), "b", 1000.0));
        }

        @Test
        void reads_json_of_four_mebibytes() {
            String item = "x".repeat(1 << 12);

            assertThat(Yaml.parse("[" + ("\"" + item + "\",").repeat(1 << 10) + "0]"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .hasSize((1 << 10) + 1)
                    .startsWith(item);
        }

        @Test
        void copies_what_an_alias_names() {
            assertThat(Yaml.parse("a: &x {k: 1}\nb: *x"))
                    .isEqualTo(map("a", Map.of("k", 1), "b", Map.of("k", 1)));
        }

        @Test
        void gives_null_for_an_empty_document() {
            assertThat(Yaml.parse("# nothing\n")).isNull();
        }

        @Test
        void refuses_a_key_that_is_there_twice() {
            assertThatThrownBy(() -> Yaml.parse("a: 1\na: 2"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("not YAML or JSON: key 'a' is there twice");
        }

        @Test
        void refuses_an_alias_that_contains_itself() {
            assertThatThrownBy(() -> Yaml.parse("a: &x [*x]"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("not YAML or JSON: an alias contains itself");
        }

        @Test
        void names_the_line_of_a_syntax_error() {
            assertThatThrownBy(() -> Yaml.parse("a: 1\nb: ]\n"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line 2, column 4");
        }
    }

    @Nested
    class Writing {

        @Test
        void is_block_style() {
            assertThat(
                            Yaml.write(
                                    map(
                                            "version",
                                            "1.36.4",
                                            "list",
                                            List.of(map("a", 1, "b", List.of("x")), List.of(1, 2)),
                                            "empty",
                                            Map.of(),
                                            "none",
                                            List.of(),
                                            "nothing",
                                            null,
                                            "net",
                                            "10.244.0.0/16")))
                    .isEqualTo(
                            """
                            version: 1.36.4
                            list:
                              - a: 1
                                b:
                                  - x
                              - - 1
                                - 2
                            empty: {}
                            none: []
                            nothing: null
                            net: 10.244.0.0/16
                            """);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "yes",
                    "No",
                    "on",
                    "OFF",
                    "y",
                    "null",
                    "~",
                    "",
                    "1.36",
                    "1e3",
                    "0x1f",
                    "0o7",
                    "22:30",
                    "1_000",
                    "2026-11-25",
                    "-x",
                    "- x",
                    "a: b",
                    "a #b",
                    "a:",
                    " a",
                    "a ",
                    "#a",
                    "&a",
                    "*a",
                    "!a",
                    "{a",
                    "[a",
                    "%a",
                    "@a",
                    "`a",
                    "'a",
                    "\"a",
                    "?",
                    "|",
                    "=",
                    "<<",
                    "two\nlines",
                    "tab\tx",
                    "\u0085",
                    "\u2028",
                    "true",
                    ".5",
                    "+1",
                    "${A}"
                })
        void quotes_text_that_a_reader_could_mistake(String text) {
            String written = Yaml.write(text);

            assertThat(written).startsWith("\"");
            assertThat(Yaml.parse(written)).isEqualTo(text);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "containerd",
                    "1.36.4",
                    "v1.36.4",
                    "10.96.0.0/12",
                    "cp1:6443",
                    "~/.ssh/id_ed25519",
                    "/etc/x",
                    "ssh-ed25519 AAAAC3Nz+/=",
                    "https://host/a"
                })
        void leaves_plain_text_plain(String text) {
            assertThat(Yaml.write(text)).isEqualTo(text + "\n");
            assertThat(Yaml.parse(text)).isEqualTo(text);
        }

        @Test
        void refuses_what_is_no_yaml() {
            assertThatThrownBy(() -> Yaml.write(Map.of("a", new Secret("s3cret"))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("JSON has no Secret");
        }
    }

    @Nested
    class Json_text {

        @Test
        void is_on_one_line() {
            assertThat(
                            Json.write(
                                    map(
                                            "a",
                                            Arrays.asList(1, null, true, 1.5),
                                            "b\"",
                                            Map.of(),
                                            "c",
                                            "x\u0001\\")))
                    .isEqualTo("{\"a\":[1,null,true,1.5],\"b\\\"\":{},\"c\":\"x\\u0001\\\\\"}");
        }

        @Test
        void is_indented_when_pretty() {
            assertThat(Json.pretty(map("a", List.of(1, 2), "b", Map.of())))
                    .isEqualTo(
                            """
                            {
                              "a": [
                                1,
                                2
                              ],
                              "b": {}
                            }
                            """);
        }

        @Test
        void has_no_infinity() {
            assertThatThrownBy(() -> Json.write(Double.POSITIVE_INFINITY))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("JSON has no number Infinity");
        }
    }

    @Nested
    class Merging {

        @Test
        void merges_maps_replaces_lists_and_scalars_and_removes_nulls() {
            var base =
                    map(
                            "keep",
                            1,
                            "map",
                            map("a", 1, "b", 2),
                            "list",
                            List.of(1, 2),
                            "gone",
                            3,
                            "s",
                            4);
            var patch =
                    map(
                            "map",
                            map("b", null, "c", 5),
                            "list",
                            List.of(9),
                            "gone",
                            null,
                            "s",
                            map("x", 1),
                            "new",
                            map("y", null, "z", 1));

            @SuppressWarnings("NullAway") // a null in a patch takes a key away
            var merged = Merge.deep(base, patch);

            assertThat(merged)
                    .isEqualTo(
                            map(
                                    "keep", 1,
                                    "map", map("a", 1, "c", 5),
                                    "list", List.of(9),
                                    "s", map("x", 1),
                                    "new", map("z", 1)));
            assertThat(new ArrayList<>(merged.keySet()))
                    .containsExactly("keep", "map", "list", "s", "new");
            assertThat(base).containsEntry("gone", 3).containsEntry("map", map("a", 1, "b", 2));
        }
    }

    private static Map<String, @Nullable Object> map(@Nullable Object... pairs) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return map;
    }
}
