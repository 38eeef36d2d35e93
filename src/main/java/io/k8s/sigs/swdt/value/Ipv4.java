package io.k8s.sigs.swdt.value;

/**
 * An IPv4 address such as {@code 192.168.10.2}. Immutable.
 *
 * @param bits the address as a 32-bit number, most significant octet first
 */
public record Ipv4(int bits) {

    /**
     * @param text dotted quad without leading zeros
     * @throws IllegalArgumentException with a message fit for a user, if the text is anything else
     */
    public static Ipv4 parse(String text) {
        String[] parts = text.split("\\.", -1);
        int bits = 0;
        boolean good = parts.length == 4;
        for (int i = 0; good && i < 4; i++) {
            String part = parts[i];
            good = part.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(part) <= 255;
            bits = good ? bits << 8 | Integer.parseInt(part) : 0;
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv4 address such as 192.168.10.2");
        }
        return new Ipv4(bits);
    }

    @Override
    public String toString() {
        return (bits >>> 24)
                + "."
                + (bits >>> 16 & 255)
                + "."
                + (bits >>> 8 & 255)
                + "."
                + (bits & 255);
    }
}
