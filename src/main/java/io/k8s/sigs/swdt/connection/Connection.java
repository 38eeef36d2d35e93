package io.k8s.sigs.swdt.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * An open way to one host. Commands run with the privilege that the connection was opened for
 * (root, through sudo or doas where the login is not root's). Safe for use by several threads: each
 * command and each upload has a channel of its own. A connection that was cut is dialled again by
 * the next command.
 */
public interface Connection extends AutoCloseable {

    /** The node's name, for messages. */
    String name();

    /**
     * Runs a script on the host, as the privileged user, whatever the login shell is.
     *
     * @param command script, arguments and input
     * @param lines called with each line of standard output as it arrives, on the caller's thread
     * @return exit code and standard error
     * @throws ConnectionLostException if the connection broke while the command ran; what the
     *     command did until then is not known
     * @throws ConnectException if the host could not be reached or refused the login or the
     *     privilege
     * @throws IOException if the thread was interrupted; the remote command may go on
     */
    Outcome run(RemoteCommand command, Consumer<String> lines) throws IOException;

    /**
     * Brings a file to the host: streamed to a temporary name beside the destination, checked by
     * sha256 there and renamed into place with mode 0600. The folder is created (0700) if absent. A
     * file that is there already is checked and not sent again; so it need not survive a power cut.
     * Not counted as a round trip.
     *
     * @param file what to send
     * @param sha256 64 hexadecimal digits that the file must have on the host
     * @param destination absolute path on the host, for Linux of letters, digits, {@code / . _ -}
     *     only
     * @param progress called with the number of bytes sent so far
     * @throws UploadException if the host could not store it (exit code and output are in it)
     * @throws IOException as for {@link #run}
     */
    void upload(Path file, String sha256, String destination, LongConsumer progress)
            throws IOException;

    /** How many commands were run on the host so far; uploads do not count. */
    int roundTrips();

    /** Ends the connection; commands that still run on the host are not ended. */
    @Override
    void close();
}
