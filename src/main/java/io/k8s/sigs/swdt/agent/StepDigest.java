package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.value.Sha256;

/** What a journal entry was made for. */
final class StepDigest {

    private StepDigest() {}

    /** The first 16 digits of the checksum of all arguments of a step. */
    static String of(String... arguments) {
        return Sha256.of(String.join("\0", arguments)).hex().substring(0, 16);
    }
}
