package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The keys and channels of one fleet. The braces make a cluster of Redis keep all keys on one node, as scripts demand.
 * Immutable.
 */
record Names(String fleet, String replica, String boot) {

    private static final String OF_ALL = "all";

    /** What holds the lease: this process of this replica. */
    String self() {
        return replica + "/" + boot;
    }

    /**
     * @param holder of the lease
     * @return its replica; "" for another process with the name of this replica
     */
    String replicaOf(String holder) {
        var end = holder.lastIndexOf('/');
        var name = end < 0 ? holder : holder.substring(0, end);
        return name.equals(replica) && !holder.equals(self()) ? "" : name;
    }

    byte[] leader() {
        return named("leader");
    }

    byte[] epoch() {
        return named("epoch");
    }

    byte[] kept() {
        return named("kept");
    }

    byte[] all() {
        return named(OF_ALL);
    }

    byte[] to(String receiver) {
        return named("to:" + receiver);
    }

    /** Only this process publishes here, and only it listens. */
    byte[] echo() {
        return named("echo:" + self());
    }

    private byte[] named(String rest) {
        return ("sidecar:{" + fleet + "}:" + rest).getBytes(UTF_8);
    }
}
