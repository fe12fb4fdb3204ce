/** The SEDA queue over the throttle. */
@NullMarked
package dev.sidecar.route.queue;

import org.jspecify.annotations.NullMarked;
