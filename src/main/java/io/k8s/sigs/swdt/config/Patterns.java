package io.k8s.sigs.swdt.config;

import io.k8s.sigs.swdt.config.Kind.Text;

/** What texts of the cluster file must look like, each with its words for people. */
final class Patterns {

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = "(" + OCTET + "\\.){3}" + OCTET;
    private static final String PORT =
            "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})";
    private static final String WORD = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

    static final Text LABEL =
            new Text(
                    "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
                    "a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last a '-'");
    static final Text ADDRESS = new Text(IPV4, "an IPv4 address such as 192.168.10.2");
    static final Text SUBNET =
            new Text(IPV4 + "/(3[0-2]|[12]?[0-9])", "an IPv4 network such as 10.244.0.0/16");
    static final Text VERSION =
            new Text(
                    "v?[0-9]{1,6}\\.[0-9]{1,6}\\.[0-9]{1,6}(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?",
                    "a version such as 1.36.4");
    static final Text ENDPOINT =
            new Text(
                    "(?=[^:]{1,253}(:|$))[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:"
                            + PORT
                            + ")?",
                    "a name or address and a port, such as cp1:6443");
    static final Text HOST = new Text("[^\\s@/-][^\\s@/]*", "a host name or address");
    static final Text USER = new Text("[^\\s-][^\\r\\n]*", "a user name");
    static final Text VM = new Text("[^\\r\\n]+", "a virtual machine's name");
    static final Text PATH = new Text("[^\\r\\n]+", "a path");
    static final Text URL = new Text("https?://[^\\s/]+(/\\S*)?", "an http or https address");
    static final Text CHECKSUM = new Text("[0-9a-f]{64}", "64 lower-case hexadecimal digits");
    static final Text HOST_KEY =
            new Text(
                    "SHA256:[A-Za-z0-9+/]{43}=?|(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?",
                    "a public key such as 'ssh-ed25519 AAAA...' or a fingerprint 'SHA256:...'");
    static final Text TAINT =
            new Text(
                    "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?"
                            + WORD
                            + "(=("
                            + WORD
                            + ")?)?:(NoSchedule|PreferNoSchedule|NoExecute)",
                    "a taint such as gpu=yes:NoSchedule");
    static final Text LABEL_KEY =
            new Text("([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?" + WORD, "a label's name");
    static final Text LABEL_VALUE = new Text("(" + WORD + ")?", "a label's value");
    static final Text CHECK = new Text("[A-Za-z][A-Za-z0-9._-]*", "a preflight check's name");
    static final Text ARTIFACT = new Text("[a-z][a-z0-9.-]*", "an artifact's name");
    static final Text PACKAGE =
            new Text("[A-Za-z0-9_]([A-Za-z0-9_.+-]{0,98}[A-Za-z0-9_+])?", "a package's name");
    static final Text VARIABLE =
            new Text("[A-Za-z_][A-Za-z0-9_]*", "an environment variable's name");

    private Patterns() {}
}
