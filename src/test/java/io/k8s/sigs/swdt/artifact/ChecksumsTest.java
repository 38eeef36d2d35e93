package io.k8s.sigs.swdt.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.value.Sha256;
import org.junit.jupiter.api.Test;

/** Checksum files as publishers really write them. */
class ChecksumsTest {

    private static final String A = "0123456789abcdef".repeat(4);
    private static final String B = "fedcba9876543210".repeat(4);

    private static String find(String text, String file) {
        return Checksums.find(text, file).map(Sha256::hex).orElse("none");
    }

    @Test
    void a_bare_hash_is_that_of_the_file() {
        assertThat(find(A, "kubelet")).isEqualTo(A);
        assertThat(find(A.toUpperCase(java.util.Locale.ROOT) + "\r\n", "x")).isEqualTo(A);
    }

    @Test
    void a_line_with_the_files_name_counts_and_no_other() {
        String text = A + "  runc.arm64\n" + B + " *./dist/runc.amd64\n";

        assertThat(find(text, "runc.amd64")).isEqualTo(B);
        assertThat(find(text, "runc.arm64")).isEqualTo(A);
        assertThat(find(text, "runc")).isEqualTo("none");
        assertThat(find(A + "  other\n", "runc")).isEqualTo("none");
    }

    @Test
    void a_signature_around_the_lines_is_passed_over() {
        String text =
                """
                -----BEGIN PGP SIGNED MESSAGE-----
                Hash: SHA512

                %s  runc.amd64
                -----BEGIN PGP SIGNATURE-----

                iQIzBAEBCgAdFiEE
                -----END PGP SIGNATURE-----
                """
                        .formatted(A);

        assertThat(find(text, "runc.amd64")).isEqualTo(A);
    }

    @Test
    void an_error_page_holds_no_hash() {
        assertThat(find("<html>not found</html>", "kubelet")).isEqualTo("none");
        assertThat(find("", "kubelet")).isEqualTo("none");
    }
}
