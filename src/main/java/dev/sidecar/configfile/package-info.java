/**
 * The file {@code SIDECAR_CONFIG}: read, checked, and put in force whole while requests are under way. What its sections
 * mean is for their rooms to know.
 */
@NullMarked
package dev.sidecar.configfile;

import org.jspecify.annotations.NullMarked;
