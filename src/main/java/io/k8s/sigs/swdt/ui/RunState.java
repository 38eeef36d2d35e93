package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.engine.RunEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a reader is to know of a run at one moment. Immutable: each event makes another one.
 *
 * @param title e.g. {@code creating my-cluster}
 * @param began when the run began
 * @param rows by host, in the order in which they were heard of
 * @param fetching the artifact that is on its way to the controller, or empty
 */
record RunState(String title, Instant began, Map<String, Row> rows, String fetching) {

    RunState {
        rows = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rows));
    }

    /**
     * One host.
     *
     * @param phase what its lane does
     * @param detail what it waits for, or why it failed; may be empty
     * @param change the running change's key, or empty
     * @param since when the running change, or else the phase, began
     * @param done changes that are over
     * @param total changes in all, 0 while that is not known
     * @param sending what is on its way to the host with its share, e.g. {@code 64 % of kubelet},
     *     or empty
     * @param trouble lines that tell of a failure
     */
    record Row(
            RunEvent.Phase phase,
            String detail,
            String change,
            Instant since,
            int done,
            int total,
            String sending,
            List<String> trouble) {

        Row {
            trouble = List.copyOf(trouble);
        }

        boolean over() {
            return switch (phase) {
                case DONE, FAILED, STOPPED, DIFFERENT -> true;
                case CONNECTING, LOOKING, WAITING, RUNNING -> false;
            };
        }
    }

    /** Before the first event. */
    static RunState start(String title, Instant now) {
        return new RunState(title, now, Map.of(), "");
    }

    /** After an event. */
    RunState with(RunEvent event, Instant now) {
        return switch (event) {
            case RunEvent.HostPhase e -> with(e.host(), phase(row(e.host(), now), e, now));
            case RunEvent.Planned(var host, var changes) -> {
                Row r = row(host, now);
                yield with(host, new Row(r.phase, "", "", now, 0, changes, r.sending, List.of()));
            }
            case RunEvent.ChangeState e -> with(e.host(), change(row(e.host(), now), e, now));
            case RunEvent.ChangeFailed e -> {
                Row r = row(e.host(), now);
                List<String> lines = new ArrayList<>();
                lines.add(e.key() + ": " + e.message());
                lines.addAll(e.output());
                yield with(
                        e.host(),
                        new Row(r.phase, r.detail, r.change, r.since, r.done, r.total, "", lines));
            }
            case RunEvent.Transfer(var host, var name, var sent, var total) -> {
                Row r = row(host, now);
                String share = sent >= total ? "" : sent * 100 / total + " % of " + name;
                yield with(
                        host,
                        new Row(
                                r.phase, r.detail, r.change, r.since, r.done, r.total, share,
                                r.trouble));
            }
            case RunEvent.Fetch(var name, var received, var total) ->
                    new RunState(
                            title,
                            began,
                            rows,
                            received >= total && total >= 0
                                    ? ""
                                    : name + " " + received / 1_000_000 + " MB");
            case RunEvent.Note _ -> this;
        };
    }

    /** How long the run goes on. */
    Duration age(Instant now) {
        return Duration.between(began, now);
    }

    private static Row phase(Row r, RunEvent.HostPhase e, Instant now) {
        boolean same = r.phase == e.phase();
        return new Row(
                e.phase(),
                e.detail(),
                same ? r.change : "",
                same ? r.since : now,
                r.done,
                r.total,
                r.sending,
                r.trouble);
    }

    private static Row change(Row r, RunEvent.ChangeState e, Instant now) {
        boolean begins = e.state() == RunEvent.State.STARTED;
        return new Row(
                r.phase,
                r.detail,
                begins ? e.key() : "",
                now,
                begins ? r.done : r.done + 1,
                r.total,
                r.sending,
                r.trouble);
    }

    private Row row(String host, Instant now) {
        Row known = rows.get(host);
        return known != null
                ? known
                : new Row(RunEvent.Phase.CONNECTING, "", "", now, 0, 0, "", List.of());
    }

    private RunState with(String host, Row row) {
        Map<String, Row> all = new LinkedHashMap<>(rows);
        all.put(host, row);
        return new RunState(title, began, all, fetching);
    }
}
