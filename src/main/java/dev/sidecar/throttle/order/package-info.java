/** Which request is next: classes and their floors, age, deadlines, and the expected wait. */
@NullMarked
package dev.sidecar.throttle.order;

import org.jspecify.annotations.NullMarked;
