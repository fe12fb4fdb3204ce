package dev.sidecar.state;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of the ledger in a folder. Each start begins a new one and then deletes those before it. */
final class SendFiles {

    private static final String BEGIN = "sends-";
    private static final String END = ".ring";
    /** Stands for a process that could not write its sends down. */
    private static final String UNWRITTEN = "sends-unwritten";

    private final Path folder;
    private final Optional<BootId> boot;
    private long latest;

    SendFiles(Path folder, Optional<BootId> boot) {
        this.folder = folder;
        this.boot = boot;
    }

    /**
     * The files that are there, in any order.
     *
     * @throws UnknownSendsException where the folder cannot be read
     */
    List<Path> all() throws UnknownSendsException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, BEGIN + "*" + END)) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw new UnknownSendsException("the folder cannot be read: " + e.getClass().getSimpleName());
        }
        for (Path each : files) {
            latest = Math.max(latest, number(each.getFileName().toString()));
        }
        return files;
    }

    private static long number(String name) {
        try {
            return Long.parseLong(name.substring(BEGIN.length(), name.length() - END.length()));
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    /** What is in these files, all together. */
    SendRing.Content read(List<Path> files) throws UnknownSendsException {
        if (Files.exists(folder.resolve(UNWRITTEN))) {
            throw new UnknownSendsException("the last process could not write its sends down");
        }
        List<SendRecord> records = new ArrayList<>();
        int torn = 0;
        for (Path each : files) {
            SendRing.Content content = SendRing.read(each, boot);
            records.addAll(content.records());
            torn += content.torn();
        }
        return new SendRing.Content(records, torn);
    }

    /** A further file. */
    SendRing create(int room, List<SendRecord> first) throws IOException {
        latest++;
        return SendRing.create(folder.resolve(BEGIN + latest + END), room, boot, first);
    }

    /** Deletes what earlier processes have left: a file of this one says it all. */
    void forget(List<Path> before) throws IOException {
        for (Path each : before) {
            Files.deleteIfExists(each);
        }
        Files.deleteIfExists(folder.resolve(UNWRITTEN));
    }

    /** Tells the next process that nobody knows what this one sends. An empty file needs no room on the disk. */
    void noteUnwritten() throws IOException {
        Files.write(folder.resolve(UNWRITTEN), new byte[0]);
    }
}
