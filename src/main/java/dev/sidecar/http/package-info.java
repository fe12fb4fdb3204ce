/** Shared by server, routes, admin and operators' pages: error bodies, JSON responses, header rules, request ids. */
@NullMarked
package dev.sidecar.http;

import org.jspecify.annotations.NullMarked;
