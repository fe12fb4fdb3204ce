/**
 * Who answers: the providers, their keys, and the names that they have for models. From the section {@code providers} of the
 * file {@code SIDECAR_CONFIG}, or from the settings. It knows neither Camel nor HTTP.
 */
@NullMarked
package dev.sidecar.providers;

import org.jspecify.annotations.NullMarked;
