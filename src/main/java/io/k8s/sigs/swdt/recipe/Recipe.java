package io.k8s.sigs.swdt.recipe;

import io.k8s.sigs.swdt.plan.Change;
import java.util.List;

/** Knowledge about one part of a node, as a pure function: what must hold on the host, in order. */
public interface Recipe {

    List<Change> changes(Context context);
}
