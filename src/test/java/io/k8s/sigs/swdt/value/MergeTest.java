package io.k8s.sigs.swdt.value;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: 1}                 | {b: 2}                    | {\"a\":1,\"b\":2}",
                "{a: 1, b: 2}           | {a: null}                 | {\"b\":2}",
                "{a: {b: 1, c: 2}}      | {a: {c: 3}}               | {\"a\":{\"b\":1,\"c\":3}}",
                "{a: 1}                 | {a: {b: {c: 1, d: null}}} | {\"a\":{\"b\":{\"c\":1}}}",
                "{a: {b: 1}}            | {a: 2}                    | {\"a\":2}",
                "{a: [1, 2]}            | {a: [3]}                  | {\"a\":[3]}",
                "{a: [{name: x, v: 1}, {name: y, v: 2}]} | {a: [{name: x, v: 3}, {name: z, v: 4}]} "
                        + "| {\"a\":[{\"name\":\"y\",\"v\":2},{\"name\":\"x\",\"v\":3},{\"name\":\"z\",\"v\":4}]}",
                "{a: [{name: x}]}       | {a: [{other: y}]}         | {\"a\":[{\"other\":\"y\"}]}",
            })
    void a_patch_is_merged_into_a_document(String base, String patch, String expected) {
        assertThat(Json.write(Merge.deep(Yaml.map(base), Yaml.map(patch)))).isEqualTo(expected);
    }
}
