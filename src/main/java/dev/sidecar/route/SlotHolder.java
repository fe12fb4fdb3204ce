package dev.sidecar.route;

import dev.sidecar.throttle.budget.Slot;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The slot that an exchange holds, ended for certain when the exchange is: what was never sent goes back to the
 * budget, what was sent stays used. Stateless.
 */
final class SlotHolder {

    private static final String PROPERTY = "SidecarSlot";

    private SlotHolder() {
    }

    static void hold(Slot slot, Exchange exchange) {
        exchange.setProperty(PROPERTY, slot);
        exchange.getExchangeExtension().addOnCompletion(new OnDone(slot::giveBack));
    }

    static @Nullable Slot find(Exchange exchange) {
        return (Slot) exchange.getProperty(PROPERTY);
    }
}
