package io.k8s.sigs.swdt.config;

import java.util.List;

/** What the value of a key may be. */
sealed interface Kind {

    /**
     * @param pattern regular expression for the whole text, in the dialect that Java and ECMA share
     * @param form the pattern in words, e.g. {@code a DNS label}
     */
    record Text(String pattern, String form) implements Kind {}

    /** One of these words. */
    record Choice(List<String> words) implements Kind {}

    /** A whole number within a range, both ends included. */
    record Whole(int min, int max) implements Kind {}

    /** True or false. */
    record Flag() implements Kind {}

    /** A secret, always as a reference: {@code {env: NAME}} or {@code {file: PATH}}. */
    record Hidden() implements Kind {}

    /** A map of anything, handed on as it is. */
    record FreeMap() implements Kind {}

    /** A map of texts. */
    record TextMap(Text key, Text value) implements Kind {}

    /** A list of texts. */
    record TextList(Text item) implements Kind {}

    /** A map with the keys of the spec of that name. */
    record One(String spec) implements Kind {}

    /** A list, not empty, of maps with the keys of the spec of that name. */
    record Many(String spec) implements Kind {}

    /** A map from names to maps with the keys of the spec of that name. */
    record Named(Text key, String spec) implements Kind {}
}
