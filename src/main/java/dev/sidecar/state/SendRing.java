package dev.sidecar.state;

import dev.sidecar.state.SendRecord.TornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A file of records, in memory that the kernel writes to the file. What a process has put there is there when the process
 * has been killed; it is not synced, so it may be lost with the machine, whose next boot is another one.
 *
 * <p>
 * The file has its full length from the start, in octets that were written, so that a full disk is seen then and never
 * later. Not thread-safe.
 */
final class SendRing {

    /** In the words of the header: a name, the version, the boot, the number of records, a checksum of these. */
    private static final int HEADER = 64;
    private static final long MAGIC = 0x5344_4352_5345_4e44L;
    private static final long VERSION = 1;
    private static final int CHUNK = 1 << 16;

    private final MappedByteBuffer buffer;
    private final int records;

    private SendRing(MappedByteBuffer buffer, int records) {
        this.buffer = buffer;
        this.records = records;
    }

    /**
     * A new file with these records, which takes its name when it is complete.
     *
     * @param room how many records it has at least
     */
    static SendRing create(Path file, int room, Optional<BootId> boot, List<SendRecord> first) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        int records = Math.max(room, first.size());
        long length = HEADER + (long) records * SendRecord.LENGTH;
        if (length > Integer.MAX_VALUE) {
            throw new IOException("the ledger would need " + length + " octets");
        }
        SendRing ring;
        try (var channel = FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            fill(channel, length);
            ring = new SendRing(channel.map(MapMode.READ_WRITE, 0, length), records);
        } catch (IOException full) {
            if (Files.isRegularFile(beside)) {
                Files.delete(beside); // what there is of it keeps others from writing
            }
            throw full;
        }
        ring.buffer.order(ByteOrder.LITTLE_ENDIAN);
        ring.writeHeader(boot);
        for (int i = 0; i < first.size(); i++) {
            ring.put(i, first.get(i));
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return ring;
    }

    private static void fill(FileChannel channel, long length) throws IOException {
        for (long left = length; left > 0;) {
            left -= channel.write(ByteBuffer.allocate((int) Math.min(CHUNK, left)));
        }
    }

    private void writeHeader(Optional<BootId> boot) {
        UUID id = boot.map(BootId::id).orElse(new UUID(0, 0));
        long[] words = {MAGIC, VERSION, id.getMostSignificantBits(), id.getLeastSignificantBits(), records};
        for (int i = 0; i < words.length; i++) {
            buffer.putLong(i * 8, words[i]);
        }
        buffer.putLong(words.length * 8, SendRecord.checksum(words));
    }

    int records() {
        return records;
    }

    void put(int record, SendRecord content) {
        content.writeTo(buffer, at(record));
    }

    void erase(int record) {
        SendRecord.erase(buffer, at(record));
    }

    /** Whether another record may take its place. */
    boolean isFree(int record, long now) {
        return SendRecord.isFree(buffer, at(record), now);
    }

    private static int at(int record) {
        return HEADER + record * SendRecord.LENGTH;
    }

    /**
     * What another process has left in a file.
     *
     * @param torn how many records were not written to their end
     */
    record Content(List<SendRecord> records, int torn) {
    }

    /**
     * Reads what another process has left.
     *
     * @throws UnknownSendsException where the file says nothing about this boot
     */
    static Content read(Path file, Optional<BootId> boot) throws UnknownSendsException {
        byte[] octets;
        try {
            octets = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UnknownSendsException("the ledger cannot be read: " + e.getClass().getSimpleName());
        }
        var content = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
        checkHeader(content, boot);
        List<SendRecord> records = new ArrayList<>();
        int torn = 0;
        for (int at = HEADER; at < octets.length; at += SendRecord.LENGTH) {
            if (!SendRecord.isErased(content, at)) {
                try {
                    records.add(SendRecord.read(content, at));
                } catch (TornException e) {
                    torn++;
                }
            }
        }
        return new Content(records, torn);
    }

    private static void checkHeader(ByteBuffer content, Optional<BootId> boot) throws UnknownSendsException {
        if (content.limit() < HEADER || content.getLong(0) != MAGIC) {
            throw new UnknownSendsException("the ledger is damaged");
        }
        if (content.getLong(8) != VERSION) {
            throw new UnknownSendsException("another version has written the ledger");
        }
        long[] words = new long[5];
        for (int i = 0; i < words.length; i++) {
            words[i] = content.getLong(i * 8);
        }
        if (content.getLong(words.length * 8) != SendRecord.checksum(words)
                || content.limit() != HEADER + words[4] * SendRecord.LENGTH) {
            throw new UnknownSendsException("the ledger is damaged");
        }
        if (!boot.equals(Optional.of(new BootId(new UUID(words[2], words[3]))))) {
            throw new UnknownSendsException("the machine was started anew");
        }
    }
}
