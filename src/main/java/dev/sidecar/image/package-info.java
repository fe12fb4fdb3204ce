/** What is run once, when an image is built or the sidecar is installed. */
@NullMarked
package dev.sidecar.image;

import org.jspecify.annotations.NullMarked;
