package io.k8s.sigs.swdt.ui;

import java.util.regex.Pattern;

/** Text that cannot steer a terminal: what hosts and servers print is not to be trusted. Pure. */
final class Printable {

    // C0 and C1 controls, and invisible marks such as those that turn the direction of writing
    private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\n]]");

    private Printable() {}

    /** The same with a blank for each control character but the line feed. */
    static String of(String text) {
        return STEERING.matcher(text).replaceAll(" ");
    }

    /** The same on one line. */
    static String line(String text) {
        return of(text).replace('\n', ' ');
    }
}
