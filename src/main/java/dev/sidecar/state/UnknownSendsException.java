package dev.sidecar.state;

/** Nobody knows what was sent before this start. The message says why, for the operator. */
final class UnknownSendsException extends Exception {

    private static final long serialVersionUID = 1;

    UnknownSendsException(String reason) {
        super(reason);
    }
}
