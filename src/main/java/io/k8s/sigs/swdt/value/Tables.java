package io.k8s.sigs.swdt.value;

import java.nio.charset.StandardCharsets;

/**
 * Percent-encoding of the lines that agents and swdt exchange: tab-separated fields, one record a
 * line. Tab, line feed, carriage return and percent are encoded as {@code %XX}; all else is itself.
 */
public final class Tables {

    private Tables() {}

    /** The text as one field. */
    public static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '%' -> out.append("%25");
                case '\t' -> out.append("%09");
                case '\n' -> out.append("%0A");
                case '\r' -> out.append("%0D");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /**
     * The text that a field stands for; a {@code %} that no two hexadecimal digits follow is
     * itself.
     */
    public static String decode(String field) {
        if (field.indexOf('%') < 0) {
            return field;
        }
        byte[] in = field.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int n = 0;
        for (int i = 0; i < in.length; i++) {
            int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
            if (in[i] == '%' && high >= 0 && low >= 0) {
                out[n++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                out[n++] = in[i];
            }
        }
        return new String(out, 0, n, StandardCharsets.UTF_8);
    }

    /** The decoded fields of a line. */
    public static String[] split(String line) {
        String[] fields = line.split("\t", -1);
        for (int i = 0; i < fields.length; i++) {
            fields[i] = decode(fields[i]);
        }
        return fields;
    }
}
