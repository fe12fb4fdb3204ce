package dev.sidecar.proving;

/** The demand of the clients during a trial. */
enum Demand {
    /** Requests of normal and of low class always wait, and high ones come now and then. */
    FULL,
    /** The same, for 90 s of every three minutes. */
    ON_OFF,
    /** Ten times the budget of low requests, and high ones now and then. */
    LOW_FLOOD,
    /** Three times the budget of normal requests, so that the queue is always full. */
    OVERFLOW;

    private static final long HALF = 90_000_000_000L;

    boolean isOn(long now) {
        return this != ON_OFF || now / HALF % 2 == 0;
    }

    String label() {
        return switch (this) {
            case FULL -> "full";
            case ON_OFF -> "on/off";
            case LOW_FLOOD -> "flood";
            case OVERFLOW -> "3 times";
        };
    }
}
