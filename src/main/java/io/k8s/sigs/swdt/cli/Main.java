package io.k8s.sigs.swdt.cli;

/** Where the {@code swdt} command starts. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(0);
    }
}
