/**
 * The operators' routes: read, checked, and put in force one generation after the other while requests are under way.
 * It knows the rules for a folder of routes, but none of the steps themselves.
 */
@NullMarked
package dev.sidecar.reload;

import org.jspecify.annotations.NullMarked;
