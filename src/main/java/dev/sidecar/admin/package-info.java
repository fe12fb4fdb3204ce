/** What changes the sidecar while it runs, and who may: the admin API and the guard of both ports. */
@NullMarked
package dev.sidecar.admin;

import org.jspecify.annotations.NullMarked;
