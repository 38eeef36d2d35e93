package io.k8s.sigs.swdt.value;

/** Numbers of things, in words. */
public final class Count {

    private Count() {}

    /**
     * E.g. {@code 1 node}, {@code 2 nodes}.
     *
     * @param thing one of them, with a plural that only adds an s
     */
    public static String of(int number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }
}
