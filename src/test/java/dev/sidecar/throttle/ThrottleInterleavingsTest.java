package dev.sidecar.throttle;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Linearizability, by Lincheck: whatever a few threads do at once, each answer is as if one step had come after the other,
 * in an order that fits with what was seen. That the steps, one after the other, do what they should is what
 * {@link ThrottleModelTest} says.
 *
 * <p>
 * Not part of the build, because Lincheck rewrites every class involved, which takes long in a JVM that has run other tests
 * before, and fails where another tool has rewritten them: run it by itself, with
 * {@code ./mvnw test -Dslow= -Dtest=ThrottleInterleavingsTest}, after a change of what is under the lock. (It warns that it
 * cannot get at the fields of records; it needs not, for they do not change.)
 */
@Tag("slow")
@Timeout(300)
class ThrottleInterleavingsTest {

    @Test
    void whatTwoThreadsDoToAThrottleIsAsIfOneStepCameAfterTheOther() {
        new StressOptions().threads(2).actorsPerThread(2).actorsBefore(1).actorsAfter(1).iterations(3)
                .invocationsPerIteration(400).minimizeFailedScenario(false).check(ThrottleOperations.class);
    }

    @Test
    void whatTwoThreadsDoToSlotsIsAsIfOneStepCameAfterTheOther() {
        new StressOptions().threads(2).actorsPerThread(3).actorsBefore(0).actorsAfter(1).iterations(10)
                .invocationsPerIteration(500).minimizeFailedScenario(false).check(SlotOperations.class);
    }

    @Test
    void everyInterleavingOfTwoThreadsWithSlotsIsAsIfOneStepCameAfterTheOther() {
        new ModelCheckingOptions().threads(2).actorsPerThread(2).actorsBefore(0).actorsAfter(1).iterations(20)
                .invocationsPerIteration(100).check(SlotOperations.class);
    }
}
