/**
 * The routes as operators edit them: read, checked, put in force one generation after the other while requests are under
 * way. Knows the rules that a folder of routes must keep to, but none of the steps themselves.
 */
@NullMarked
package dev.sidecar.reload;

import org.jspecify.annotations.NullMarked;
