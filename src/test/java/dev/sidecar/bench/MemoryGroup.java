package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control group of Linux that lets its processes have so much memory together and no swap, beyond which the kernel
 * kills them: what a systemd unit or a container has. Without the right to make one it limits nothing, and says so.
 */
final class MemoryGroup implements AutoCloseable {

    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final @Nullable Path folder;
    private final boolean unified;
    private final String described;

    private MemoryGroup(@Nullable Path folder, boolean unified, String described) {
        this.folder = folder;
        this.unified = unified;
        this.described = described;
    }

    /** Where a new group may be made, and by which version of the kernel's interface. */
    record Place(Path parent, boolean unified) {

        /**
         * Reads the lines of {@code /proc/self/cgroup}. In version 1 a new group goes below our own; in version 2 beside
         * it, because there a group with processes of its own cannot limit groups below it.
         */
        static @Nullable Place of(List<String> own) {
            @Nullable
            Place found = null;
            for (String line : own) {
                String[] fields = line.split(":", 3);
                if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains("memory")) {
                    return new Place(ROOT.resolve("memory").resolve(fields[2].substring(1)), false);
                }
                if (fields.length == 3 && fields[1].isEmpty()) {
                    Path group = ROOT.resolve(fields[2].substring(1));
                    found = new Place(group.equals(ROOT) ? ROOT : group.resolveSibling(""), true);
                }
            }
            return found;
        }
    }

    static MemoryGroup create(long limitBytes) {
        @Nullable
        Place place = Place.of(ProcFile.lines(Path.of("/proc/self/cgroup")));
        if (place == null) {
            return none("no control groups here");
        }
        Path folder = place.parent().resolve("sidecar-bench-" + ProcessHandle.current().pid());
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            return none("no right to make a control group: " + e);
        }
        MemoryGroup group = new MemoryGroup(folder, place.unified(), "limited to %d MiB, without swap, by cgroup v%d"
                .formatted(limitBytes >> 20, place.unified() ? 2 : 1));
        try {
            group.limit(limitBytes);
            return group;
        } catch (IOException e) {
            group.close();
            return none("the control group takes no limit: " + e);
        }
    }

    private static MemoryGroup none(String why) {
        return new MemoryGroup(null, false, "not limited (" + why + ")");
    }

    private void limit(long bytes) throws IOException {
        write(unified ? "memory.max" : "memory.limit_in_bytes", String.valueOf(bytes));
        String swap = unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
        if (exists(swap)) {
            write(swap, unified ? "0" : String.valueOf(bytes));
        } else if (!unified) {
            write("memory.swappiness", "0");
        }
    }

    /** What goes before a command to run it in this group. */
    List<String> prefix() {
        return folder == null
                ? List.of()
                : List.of("/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"",
                        folder.resolve("cgroup.procs").toString());
    }

    String described() {
        return described;
    }

    /** The most that was ever charged to the group, cached files included, in megabytes; NaN where nobody counts. */
    double peakMegabytes() {
        List<String> peak = read(unified ? "memory.peak" : "memory.max_usage_in_bytes");
        return peak.isEmpty() ? Double.NaN : Long.parseLong(peak.getFirst().strip()) / 1e6;
    }

    /** How often the group stood at its limit, so that the kernel had to drop cached files; NaN where nobody counts. */
    double timesAtLimit() {
        if (unified) {
            return count(read("memory.events"), "max");
        }
        List<String> count = read("memory.failcnt");
        return count.isEmpty() ? Double.NaN : Long.parseLong(count.getFirst().strip());
    }

    /** How many processes the kernel has killed for the limit; NaN where nobody counts. */
    double killed() {
        return count(read(unified ? "memory.events" : "memory.oom_control"), "oom_kill");
    }

    /** The number after this name in "name number" lines; NaN if there is none. */
    static double count(List<String> lines, String name) {
        for (String line : lines) {
            if (line.startsWith(name + " ")) {
                return Long.parseLong(line.substring(name.length()).strip());
            }
        }
        return Double.NaN;
    }

    /** To be called when the group's processes have ended; a group that still has one stays. */
    @Override
    public void close() {
        if (folder != null) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                System.err.println("the control group stays: " + e);
            }
        }
    }

    private List<String> read(String name) {
        return folder == null ? List.of() : ProcFile.lines(folder.resolve(name));
    }

    private boolean exists(String name) {
        return folder != null && Files.exists(folder.resolve(name));
    }

    private void write(String name, String value) throws IOException {
        if (folder == null || !exists(name)) {
            throw new IOException("there is no " + name);
        }
        Files.writeString(folder.resolve(name), value);
    }
}
