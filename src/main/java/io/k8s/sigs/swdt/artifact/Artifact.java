package io.k8s.sigs.swdt.artifact;

import io.k8s.sigs.swdt.value.Sha256;

/**
 * A file that swdt brings to hosts, pinned to its bytes.
 *
 * @param name catalog name, e.g. {@code kubelet}, or an image reference
 * @param version the publisher's version without {@code v}
 * @param platform {@code linux/amd64}, {@code windows/amd64}…, or {@code any}
 * @param url the publisher's address, or {@code file:} for an own build
 * @param sha256 what the file must have
 */
public record Artifact(String name, String version, String platform, String url, Sha256 sha256) {

    /** The last part of the address: {@code containerd-2.3.4-linux-amd64.tar.gz}. */
    public String fileName() {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return name + " " + version;
    }
}
