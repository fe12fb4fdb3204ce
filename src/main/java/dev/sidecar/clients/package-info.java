/**
 * Who calls: the clients of the file {@code SIDECAR_CONFIG}, how their keys make them known, and what each may ask for.
 * It holds no state of a request, and knows neither Camel nor HTTP.
 */
@NullMarked
package dev.sidecar.clients;

import org.jspecify.annotations.NullMarked;
