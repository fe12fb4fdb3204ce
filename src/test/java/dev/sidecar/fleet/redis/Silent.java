package dev.sidecar.fleet.redis;

import dev.sidecar.fleet.LinkListener;

/** Hears everything and does nothing. */
class Silent implements LinkListener {

    @Override
    public void received(byte[] message) {
    }

    @Override
    public void lease(long asking, String holder, long epoch, byte[] kept) {
    }

    @Override
    public void connected() {
    }

    @Override
    public void disconnected() {
    }
}
