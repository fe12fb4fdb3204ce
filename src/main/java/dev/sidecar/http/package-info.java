/** What server, routes, admin and operators' pages share: error bodies, JSON responses, header rules, request ids. */
@NullMarked
package dev.sidecar.http;

import org.jspecify.annotations.NullMarked;
