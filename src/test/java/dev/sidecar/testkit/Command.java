package dev.sidecar.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A program that is run to its end, or killed with all that it started when it writes nothing for too long. */
final class Command {

    private Command() {
    }

    /**
     * @param longestSilence without a word of output
     * @param longest in all
     * @param output where its output goes, which is also how it shows signs of life
     * @throws IOException when it cannot be run, takes too long or ends with another status than 0; the message says which
     */
    static void run(ProcessBuilder program, Path output, Duration longestSilence, Duration longest)
            throws IOException {
        program.redirectErrorStream(true).redirectOutput(output.toFile());
        var process = program.start();
        try {
            process.getOutputStream().close(); // nobody answers questions
            var begin = System.nanoTime();
            var lastSign = begin;
            var written = 0L;
            while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
                var now = System.nanoTime();
                var size = Files.size(output);
                if (size != written) {
                    written = size;
                    lastSign = now;
                }
                if (now - lastSign > longestSilence.toNanos() || now - begin > longest.toNanos()) {
                    throw new IOException("given up after " + TimeUnit.NANOSECONDS.toSeconds(now - begin) + " s");
                }
            }
            if (process.exitValue() != 0) {
                throw new IOException(complaint(output, process.exitValue()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String complaint(Path output, int status) throws IOException {
        return Files.readAllLines(output).stream().filter(line -> line.matches("(?i)(Error|E|.*unable).*:.*"))
                .findFirst().orElse("it ended with status " + status);
    }
}
