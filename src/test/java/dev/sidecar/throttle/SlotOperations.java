package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Priority;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * Two slots of one budget, and everything that can be said of them, each as one step. Small enough to go through the
 * interleavings at every single access to memory. Time stands still.
 */
@Param(name = "slot", gen = IntGen.class, conf = "0:1")
public class SlotOperations {

    private final Throttle<String> throttle = new Throttle<>(Desk.USUAL, () -> 0);
    private final Slot[] slots = {bypass(Priority.HIGH), bypass(Priority.LOW)};

    private Slot bypass(Priority priority) {
        return new GuardedSlot(throttle.budget.bypass(priority.isLow(), 0), throttle.lock, () -> 0, () -> {
        });
    }

    @Operation
    public void sent(@Param(name = "slot") int slot) {
        slots[slot].sent();
    }

    @Operation
    public boolean succeeded(@Param(name = "slot") int slot) {
        return slots[slot].succeeded();
    }

    @Operation
    public boolean refused(@Param(name = "slot") int slot) {
        return slots[slot].refused();
    }

    @Operation
    public boolean giveBack(@Param(name = "slot") int slot) {
        return slots[slot].giveBack();
    }

    @Operation
    public int left() {
        return throttle.snapshot().minute().left();
    }

    @Operation
    public String retreat() {
        throttle.lock.lock();
        try {
            return throttle.budget.openSlots() + " open, " + throttle.budget.retreat(0);
        } finally {
            throttle.lock.unlock();
        }
    }
}
