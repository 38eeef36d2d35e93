/** The cluster file: records, loader, checks, defaults and JSON schema. */
@NullMarked
package io.k8s.sigs.swdt.config;

import org.jspecify.annotations.NullMarked;
