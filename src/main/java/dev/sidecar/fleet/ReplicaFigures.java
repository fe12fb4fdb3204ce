package dev.sidecar.fleet;

/**
 * The state of a replica, as the leader sees it.
 *
 * @param id its name for people
 * @param waiting requests in its queue
 * @param inFlight its requests at a provider
 * @param partRpm what it may send in any 60 s, of all limits together
 */
public record ReplicaFigures(String id, int waiting, int inFlight, int partRpm) {
}
