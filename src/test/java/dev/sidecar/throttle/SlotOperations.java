package dev.sidecar.throttle;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * Two slots of one budget, and everything that can be said of them, each as one step. Small enough to go through the
 * interleavings at every single access to memory. Time stands still.
 */
@Param(name = "slot", gen = IntGen.class, conf = "0:1")
public class SlotOperations {

    private final RequestBudget budget = new RequestBudget("test", Desk.USUAL, () -> 0);
    private final Slot[] slots = {budget.bypass(Priority.HIGH), budget.bypass(Priority.LOW)};

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
        return budget.getMetrics().getAvailablePermissions();
    }

    @Operation
    public String retreat() {
        budget.lock().lock();
        try {
            return budget.openSlots() + " open, " + budget.adaptive().snapshot(0);
        } finally {
            budget.lock().unlock();
        }
    }
}
