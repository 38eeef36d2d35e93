/** What a host is today: facts, owner, journal entries. Data only. */
@NullMarked
package io.k8s.sigs.swdt.host;

import org.jspecify.annotations.NullMarked;
