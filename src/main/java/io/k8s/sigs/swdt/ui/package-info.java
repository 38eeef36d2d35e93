/** What a person sees: progress views, tables, questions, error messages. */
@NullMarked
package io.k8s.sigs.swdt.ui;

import org.jspecify.annotations.NullMarked;
