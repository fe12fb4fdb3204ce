package dev.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Bodies for tests, and their fingerprints. */
final class Bytes {

    private Bytes() {
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    /** The same bytes in every run. */
    static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** A chat request of about this many bytes, with the spacing and escapes that a rewriting proxy would change. */
    static byte[] json(int length) {
        return utf8("{ \"model\" : \"m\",\r\n\t\"n\":1.0e0, \"n\":2, \"big\":123456789012345678901234567890, "
                + "\"e\":\"\\u00e9\\/é\", \"messages\":[{\"role\":\"user\",\"content\":\""
                + "Hällo, wörld. ".repeat(length / 16)
                + "\"}] }\n");
    }

    static byte[] concat(byte[]... parts) {
        var whole = new ByteArrayOutputStream();
        for (var part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    static byte[] gzip(byte[] plain) {
        var zipped = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(zipped)) {
            out.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return zipped.toByteArray();
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
