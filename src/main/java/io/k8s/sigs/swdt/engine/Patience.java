package io.k8s.sigs.swdt.engine;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a run waits for things that come back by themselves. One deadline for the whole run,
 * passed down to every wait.
 *
 * @param deadline when the run is given up
 * @param away how long a host may be out of reach at a time
 * @param pause between two tries
 */
public record Patience(Instant deadline, Duration away, Duration pause) {

    /** With the usual limits: five minutes out of reach, a try each half second. */
    public static Patience until(Instant deadline) {
        return new Patience(deadline, Duration.ofMinutes(5), Duration.ofMillis(500));
    }

    /** When a host that is out of reach from now on is given up. */
    Instant giveUp() {
        Instant limit = Instant.now().plus(away);
        return limit.isBefore(deadline) ? limit : deadline;
    }

    /**
     * How long a running program is followed at the most: when the run's time is over it is asked
     * to stop, and may end its running change.
     */
    Duration longest() {
        return left().plus(grace());
    }

    private Duration grace() {
        return away.dividedBy(5);
    }

    /** What is left of the run's time; never negative. */
    public Duration left() {
        Duration left = Duration.between(Instant.now(), deadline);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
