package io.k8s.sigs.swdt.cluster;

/**
 * What swdt does, one method a command. Each returns how it ended or throws {@link Failure} with
 * all reasons; results go to the {@link Console}, progress as events to its view.
 */
public interface UseCases {

    ExitCode create(Requests.Create request);

    ExitCode destroy(Requests.Destroy request);

    ExitCode status(Requests.Status request);

    ExitCode test(Requests.Test request);

    ExitCode get(Requests.Get request);

    ExitCode enableSsh(Requests.EnableSsh request);
}
