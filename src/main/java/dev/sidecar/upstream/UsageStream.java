package dev.sidecar.upstream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A response's content, unchanged, whose bytes a {@link UsageReader} sees as they pass. For one thread. */
final class UsageStream extends FilterInputStream {

    private final UsageReader usage;

    UsageStream(InputStream content, UsageReader usage) {
        super(content);
        this.usage = usage;
    }

    @Override
    public int read() throws IOException {
        var next = super.read();
        if (next >= 0) {
            usage.read(new byte[]{(byte) next}, 0, 1);
        }
        return next;
    }

    @Override
    public int read(byte[] into, int offset, int most) throws IOException {
        var count = super.read(into, offset, most);
        if (count > 0) {
            usage.read(into, offset, count);
        }
        return count;
    }
}
