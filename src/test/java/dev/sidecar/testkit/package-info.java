/** What tests are built from: a provider that does as it is told. */
@NullMarked
package dev.sidecar.testkit;

import org.jspecify.annotations.NullMarked;
