package io.k8s.sigs.swdt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "${A}, 1",
        "x${A}y${B}z, x1y2z",
        "$${A}, ${A}",
        "$$${A}, $${A}",
        "$A, $A",
        "${A}$${B}${B}, 1${B}2",
        "a$, a$"
    })
    void replaces_variables_but_not_escaped_ones(String text, String expected) {
        List<String> mistakes = new ArrayList<>();

        String expanded = Texts.expand(text, Map.of("A", "1", "B", "2"), mistakes::add);

        assertThat(expanded).isEqualTo(expected);
        assertThat(mistakes).isEmpty();
    }

    @Test
    void does_not_expand_what_a_variable_holds() {
        assertThat(Texts.expand("${A}", Map.of("A", "${B}"), m -> {})).isEqualTo("${B}");
    }

    @Test
    void tells_every_variable_that_is_not_set_or_not_closed() {
        List<String> mistakes = new ArrayList<>();

        String expanded = Texts.expand("${X} and ${Y} and ${Z", Map.of(), mistakes::add);

        assertThat(expanded).isEqualTo(" and  and ${Z");
        assertThat(mistakes)
                .containsExactly(
                        "environment variable 'X' is not set; write '$${' for the characters '${' themselves",
                        "environment variable 'Y' is not set; write '$${' for the characters '${' themselves",
                        "'${' without '}'; write '$${' for the characters themselves");
    }

    @ParameterizedTest
    @CsvSource({"rol, role", "naem, name", "adress, address", "NAME, name", "label, labels"})
    void finds_the_nearest_word(String word, String expected) {
        assertThat(Texts.nearest(word, List.of("name", "role", "os", "address", "labels")))
                .isEqualTo(expected);
    }

    @Test
    void finds_nothing_near_a_foreign_word() {
        assertThat(Texts.nearest("zebra", List.of("name", "role", "os", "address"))).isNull();
    }
}
