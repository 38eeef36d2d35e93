package io.k8s.sigs.swdt.artifact;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A mirror in one tar file (ustar with GNU and pax long names), read by offset: {@code
 * tar:FILE?offset=N&size=N} names a member.
 */
final class TarMirror implements Mirror {

    private static final int BLOCK = 512;

    private final Path file;
    private final Map<String, long[]> members;

    private TarMirror(Path file, Map<String, long[]> members) {
        this.file = file;
        this.members = members;
    }

    static TarMirror open(Path file) throws ArtifactException {
        Map<String, long[]> members = new TreeMap<>();
        try (RandomAccessFile tar = new RandomAccessFile(file.toFile(), "r")) {
            byte[] header = new byte[BLOCK];
            String longName = null;
            long at = 0;
            while (at + BLOCK <= tar.length()) {
                tar.seek(at);
                tar.readFully(header);
                if (header[0] == 0) {
                    break;
                }
                if (!new String(header, 257, 5, StandardCharsets.US_ASCII).equals("ustar")) {
                    throw new ArtifactException(
                            file + " is not a plain tar file",
                            "pack the mirror without compression: tar -cf mirror.tar -C MIRROR .",
                            null);
                }
                long size = size(header);
                char type = (char) header[156];
                if (type == 'L' || type == 'x') {
                    byte[] content = new byte[(int) size];
                    tar.readFully(content);
                    String text = new String(content, StandardCharsets.UTF_8);
                    longName = type == 'L' ? text.replaceFirst("\0.*", "") : paxPath(text);
                } else {
                    String name = longName == null ? name(header) : longName;
                    longName = null;
                    if (type == '0' || type == 0) {
                        members.put(name.replaceFirst("^\\./", ""), new long[] {at + BLOCK, size});
                    }
                }
                at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
            }
        } catch (ArtifactException e) {
            throw e;
        } catch (IOException e) {
            throw new ArtifactException(
                    "the mirror " + file + " cannot be read: " + e.getMessage(),
                    "pack it again",
                    e);
        }
        return new TarMirror(file, members);
    }

    @Override
    public Optional<String> locate(String key) {
        long[] place = members.get(key);
        return place == null
                ? Optional.empty()
                : Optional.of("tar:" + file + "?offset=" + place[0] + "&size=" + place[1]);
    }

    @Override
    public List<String> list(String folder) {
        String prefix = folder + "/";
        return members.keySet().stream()
                .filter(k -> k.startsWith(prefix) && k.indexOf('/', prefix.length()) < 0)
                .map(k -> k.substring(prefix.length()))
                .toList();
    }

    private static @Nullable String paxPath(String records) {
        for (String record : records.split("\n", -1)) {
            int path = record.indexOf(" path=");
            if (path >= 0) {
                return record.substring(path + 6);
            }
        }
        return null;
    }

    private static String name(byte[] header) {
        String prefix = text(header, 345, 155);
        return (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, 100);
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    // octal, or, from 8 GiB on, base 256 with the high bit of the first byte set
    private static long size(byte[] header) {
        if ((header[124] & 0x80) != 0) {
            long size = 0;
            for (int i = 128; i < 136; i++) {
                size = size << 8 | (header[i] & 0xff);
            }
            return size;
        }
        String octal = text(header, 124, 12).strip();
        return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
    }
}
