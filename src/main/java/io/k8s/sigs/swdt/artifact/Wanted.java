package io.k8s.sigs.swdt.artifact;

import org.jspecify.annotations.Nullable;

/**
 * A file of the catalog before it is pinned.
 *
 * @param name catalog name
 * @param version the publisher's version without {@code v}
 * @param platform as in {@link Artifact}
 * @param url the publisher's address
 * @param checksumUrl the publisher's checksum file, or null where it serves none: then the bytes of
 *     the first download count, and the lock file pins them
 */
record Wanted(
        String name, String version, String platform, String url, @Nullable String checksumUrl) {

    String fileName() {
        return url.substring(url.lastIndexOf('/') + 1);
    }
}
