package io.k8s.sigs.swdt.value;

/**
 * An IPv4 network such as {@code 10.244.0.0/16}. Immutable.
 *
 * @param network the network address as a 32-bit number; host bits are cleared
 * @param prefix prefix length, 0 to 32
 */
public record Cidr(int network, int prefix) {

    public Cidr {
        if (prefix < 0 || prefix > 32) {
            throw new IllegalArgumentException(
                    "prefix length " + prefix + " is not within 0 to 32");
        }
        network &= mask(prefix);
    }

    /**
     * @param text dotted quad, slash, prefix length
     * @throws IllegalArgumentException with a message fit for a user, if the text is anything else
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv4 network such as 10.244.0.0/16");
        }
        Ipv4 address;
        int prefix;
        try {
            address = Ipv4.parse(text.substring(0, slash));
            prefix = Integer.parseInt(text.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv4 network such as 10.244.0.0/16", e);
        }
        return new Cidr(address.bits(), prefix);
    }

    /** Whether the two networks have an address in common. */
    public boolean overlaps(Cidr other) {
        int shorter = mask(Math.min(prefix, other.prefix));
        return (network & shorter) == (other.network & shorter);
    }

    /** Whether the address lies in this network. */
    public boolean contains(Ipv4 address) {
        return (address.bits() & mask(prefix)) == network;
    }

    /**
     * The address at an offset from the network address.
     *
     * @throws IllegalArgumentException if the network is too small for it
     */
    public Ipv4 address(int offset) {
        if (offset < 0 || (prefix > 0 && Integer.toUnsignedLong(offset) >= 1L << (32 - prefix))) {
            throw new IllegalArgumentException(this + " has no address number " + offset);
        }
        return new Ipv4(network + offset);
    }

    @Override
    public String toString() {
        return new Ipv4(network) + "/" + prefix;
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }
}
