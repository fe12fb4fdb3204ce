/** Changes to the running sidecar, and the permission for them: the admin API and the guards of both ports. */
@NullMarked
package dev.sidecar.admin;

import org.jspecify.annotations.NullMarked;
