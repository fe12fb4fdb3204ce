/** One client request on its way through the routes, and its attempts at the provider. */
@NullMarked
package dev.sidecar.call;

import org.jspecify.annotations.NullMarked;
