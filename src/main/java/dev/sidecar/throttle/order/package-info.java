/** Who is next: classes and their floors, age, deadlines, and how long it will take. */
@NullMarked
package dev.sidecar.throttle.order;

import org.jspecify.annotations.NullMarked;
