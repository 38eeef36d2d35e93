package io.k8s.sigs.swdt.value;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A semantic version such as {@code 1.36.4} or {@code 1.38.0-alpha.1.5+abc}. Ordered by major,
 * minor, patch, then pre-release before release; build metadata does not count (semver.org 2.0,
 * item 11; pre-releases compare by identifier).
 *
 * @param major first number
 * @param minor second number
 * @param patch third number
 * @param preRelease what follows {@code -}, or empty
 * @param build what follows {@code +}, or empty
 */
public record Version(int major, int minor, int patch, String preRelease, String build)
        implements Comparable<Version> {

    private static final Pattern FORM =
            Pattern.compile(
                    "v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})"
                            + "(?:-([0-9A-Za-z.-]+))?(?:\\+([0-9A-Za-z.-]+))?");

    /**
     * @param text three numbers with dots, an optional leading {@code v}, pre-release and build
     * @throws IllegalArgumentException with a message fit for a user, if the text is anything else
     */
    public static Version parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a version such as 1.36.4");
        }
        return new Version(
                Integer.parseInt(m.group(1)),
                Integer.parseInt(m.group(2)),
                Integer.parseInt(m.group(3)),
                m.group(4) == null ? "" : m.group(4),
                m.group(5) == null ? "" : m.group(5));
    }

    /** Major and minor only, e.g. {@code 1.36}. */
    public String line() {
        return major + "." + minor;
    }

    /** Whether this is at least {@code major.minor}, pre-releases of it included. */
    public boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    @Override
    public int compareTo(Version other) {
        int c = Integer.compare(major, other.major);
        c = c != 0 ? c : Integer.compare(minor, other.minor);
        c = c != 0 ? c : Integer.compare(patch, other.patch);
        if (c != 0 || preRelease.equals(other.preRelease)) {
            return c;
        }
        if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
            return preRelease.isEmpty() ? 1 : -1;
        }
        String[] mine = preRelease.split("\\.", -1);
        String[] theirs = other.preRelease.split("\\.", -1);
        for (int i = 0; i < Math.min(mine.length, theirs.length); i++) {
            boolean a = mine[i].matches("\\d{1,9}");
            boolean b = theirs[i].matches("\\d{1,9}");
            c =
                    a && b
                            ? Integer.compare(
                                    Integer.parseInt(mine[i]), Integer.parseInt(theirs[i]))
                            : a ? -1 : b ? 1 : mine[i].compareTo(theirs[i]);
            if (c != 0) {
                return c;
            }
        }
        return Integer.compare(mine.length, theirs.length);
    }

    @Override
    public String toString() {
        return major
                + "."
                + minor
                + "."
                + patch
                + (preRelease.isEmpty() ? "" : "-" + preRelease)
                + (build.isEmpty() ? "" : "+" + build);
    }
}
