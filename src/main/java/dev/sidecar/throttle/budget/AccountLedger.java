package dev.sidecar.throttle.budget;

/**
 * Where the sends of one account are written down, so that another process can count them. Called under the throttle's
 * lock, so no method may block. All times are readings of the throttle's clock.
 */
public interface AccountLedger {

    /** Writes nothing down: the budget remembers by itself. */
    AccountLedger MEMORY = new AccountLedger() {
        @Override
        public void limit(int perMinute) {
            // no room is needed
        }

        @Override
        public int granted(long now) {
            return 0;
        }

        @Override
        public void sent(int entry, long arrivesBy) {
            // nobody asks
        }

        @Override
        public void givenBack(int entry) {
            // nobody asks
        }
    };

    /** From now on so many may be sent in any 60 s. */
    void limit(int perMinute);

    /**
     * A slot is handed out. From now on it counts, until it is given back.
     *
     * @return by which the slot is named from now on
     */
    int granted(long now);

    /**
     * The request has been written. The entry may be used again when the provider no longer counts it.
     *
     * @param arrivesBy the latest time at which it arrives
     */
    void sent(int entry, long arrivesBy);

    /** The slot was not used. */
    void givenBack(int entry);
}
