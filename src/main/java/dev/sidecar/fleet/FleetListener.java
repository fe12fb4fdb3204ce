package dev.sidecar.fleet;

/** Hears what is worth counting about a {@link Fleet}. Each method returns at once. Thread-safe. */
public interface FleetListener {

    /** This replica stands to its fleet in another way than before. */
    void changed(FleetStatus.Mode to);

    /**
     * The leader, which is another replica, has granted a request.
     *
     * @param nanos from the moment the request waited here to its grant, without its wait in the leader's queue
     */
    void granted(long nanos);
}
