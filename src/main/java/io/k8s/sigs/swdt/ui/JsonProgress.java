package io.k8s.sigs.swdt.ui;

import io.k8s.sigs.swdt.cluster.Console;
import io.k8s.sigs.swdt.engine.RunEvent;
import io.k8s.sigs.swdt.value.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Events as JSON, one object a line, for programs. Thread-safe. */
final class JsonProgress implements Console.Progress {

    private final Consumer<String> lines;

    JsonProgress(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public synchronized void accept(RunEvent event) {
        lines.accept(Json.write(object(event)));
    }

    @Override
    public void close() {
        // each line was complete
    }

    private static Map<String, Object> object(RunEvent event) {
        Map<String, Object> o = new LinkedHashMap<>();
        String host = event.host();
        if (host != null) {
            o.put("host", host);
        }
        switch (event) {
            case RunEvent.HostPhase(_, var phase, var detail) -> {
                o.put("event", "phase");
                o.put("phase", phase.name().toLowerCase(Locale.ROOT));
                o.put("detail", detail);
            }
            case RunEvent.ChangeState(_, var key, var state, var took, var detail) -> {
                o.put("event", "change");
                o.put("key", key);
                o.put("state", state.name().toLowerCase(Locale.ROOT));
                o.put("milliseconds", took.toMillis());
                o.put("detail", detail);
            }
            case RunEvent.ChangeFailed(
                            _,
                            var key,
                            var exitCode,
                            var message,
                            var command,
                            var output,
                            var log) -> {
                o.put("event", "failure");
                o.put("key", key);
                o.put("exitCode", exitCode);
                o.put("message", message);
                o.put("command", command);
                o.put("output", output);
                o.put("log", log);
            }
            case RunEvent.Transfer(_, var name, var sent, var total) -> {
                o.put("event", "upload");
                o.put("name", name);
                o.put("sent", sent);
                o.put("total", total);
            }
            case RunEvent.Fetch(var name, var received, var total) -> {
                o.put("event", "fetch");
                o.put("name", name);
                o.put("received", received);
                o.put("total", total);
            }
            case RunEvent.Planned(_, var changes) -> {
                o.put("event", "planned");
                o.put("changes", changes);
            }
            case RunEvent.Note(_, var text) -> {
                o.put("event", "note");
                o.put("text", text);
            }
        }
        return o;
    }
}
