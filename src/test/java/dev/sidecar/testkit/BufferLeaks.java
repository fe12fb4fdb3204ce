package dev.sidecar.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Netty's leak detector, which keeps what it finds for {@link LeakCheck}. Netty makes it because {@code pom.xml} names it in
 * {@code io.netty.customResourceLeakDetector}.
 */
public final class BufferLeaks<T> extends ResourceLeakDetector<T> {

    private static final long LONGEST_COLLECTION_MILLIS = 2000;
    private static final ConcurrentLinkedQueue<String> FOUND = new ConcurrentLinkedQueue<>();

    public BufferLeaks(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** @param maxActive of old times, without a meaning */
    public BufferLeaks(Class<?> resourceType, int samplingInterval, @SuppressWarnings("unused") long maxActive) {
        super(resourceType, samplingInterval);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        FOUND.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        FOUND.add(resourceType);
    }

    /** The buffers that were lost without being released since it was last asked, in the whole process. */
    static List<String> find() {
        collect();
        PooledByteBufAllocator.DEFAULT.directBuffer(1).release(); // Netty looks when it makes a buffer
        var found = new ArrayList<String>();
        for (var leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            found.add(leak);
        }
        return found;
    }

    /** Returns when the collector has told of what nobody refers to. */
    private static void collect() {
        var collected = new ReferenceQueue<Object>();
        var witness = new PhantomReference<>(new Object(), collected);
        System.gc();
        try {
            if (collected.remove(LONGEST_COLLECTION_MILLIS) == null) {
                throw new IllegalStateException("the collector did not run");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Reference.reachabilityFence(witness);
        }
    }
}
