package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Puts one answer on the wire. */
final class WireWriter {

    private static final Duration FOREVER = Duration.ofDays(1);
    private static final byte[] LAST_CHUNK = bytes("0\r\n\r\n");

    private final Socket socket;
    private final OutputStream out;
    private final Exchange exchange;

    WireWriter(Socket socket, Exchange exchange) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.exchange = exchange;
    }

    /** True if the connection may be used again. */
    boolean write(Answer answer) throws IOException, InterruptedException {
        return switch (answer) {
            case Answer.Full full -> exchange.pause(full.delay()) && last(concat(head(full), body(full)))
                    && !closes(full.headers());
            case Answer.Chunked(int status, List<Header> headers, List<byte[]> chunks, Duration pause) -> {
                write(head(status, headers, "Transfer-Encoding: chunked\r\n"));
                yield chunks(chunks, pause, true, false) && last(LAST_CHUNK) && !closes(headers);
            }
            case Answer.Silent() -> exchange.pause(FOREVER);
            case Answer.CutMidStream cut -> {
                boolean chunked = cut.framing() == Answer.Framing.CHUNKED;
                int promised = cut.chunks().stream().mapToInt(chunk -> chunk.length).sum() + 1000;
                write(head(cut.status(), cut.headers(), switch (cut.framing()) {
                    case CHUNKED -> "Transfer-Encoding: chunked\r\n";
                    case CONTENT_LENGTH -> "Content-Length: " + promised + "\r\n";
                    case CLOSE -> "Connection: close\r\n";
                }));
                chunks(cut.chunks(), cut.pause(), chunked, true);
                if (cut.framing() == Answer.Framing.CLOSE) {
                    exchange.pause(cut.pause()); // RST overtakes what was not read yet
                    socket.setSoLinger(true, 0);
                }
                yield false;
            }
            case Answer.ResetBeforeHead() -> {
                exchange.handOverLastByte();
                socket.setSoLinger(true, 0);
                yield false;
            }
            case Answer.Garbage(byte[] bytes) -> {
                last(bytes);
                yield false;
            }
            case Answer.SlowHead(Answer.Full full, Duration pause) -> {
                for (String line : new String(head(full), ISO_8859_1).splitWithDelimiters("\r\n", -1)) {
                    write(bytes(line));
                    if (line.equals("\r\n") && !exchange.pause(pause)) {
                        yield false;
                    }
                }
                yield last(body(full)) && !closes(full.headers());
            }
            case Answer.CloseDelimited(int status, List<Header> headers, List<byte[]> chunks, Duration pause) -> {
                write(head(status, headers, "Connection: close\r\n"));
                chunks(chunks, pause, false, true);
                yield false;
            }
            case Answer.Informational(int status, List<Header> headers, Answer then) -> {
                out.write(head(status, headers, ""));
                out.flush();
                yield write(then);
            }
            case Answer.OneByteAtATime(Answer.Full full, Duration pause) -> {
                byte[] all = concat(head(full), body(full));
                for (int i = 0; i < all.length - 1; i++) {
                    write(Arrays.copyOfRange(all, i, i + 1));
                    if (!exchange.pause(pause)) {
                        yield false;
                    }
                }
                yield last(Arrays.copyOfRange(all, all.length - 1, all.length)) && !closes(full.headers());
            }
        };
    }

    private boolean chunks(List<byte[]> chunks, Duration pause, boolean chunked, boolean endsWithThem)
            throws IOException, InterruptedException {
        for (int i = 0; i < chunks.size(); i++) {
            if (i > 0 && !exchange.pause(pause)) {
                return false;
            }
            byte[] chunk = chunks.get(i);
            exchange.chunk();
            byte[] framed = chunked
                    ? concat(bytes(Integer.toHexString(chunk.length) + "\r\n"), concat(chunk, bytes("\r\n")))
                    : chunk;
            if (endsWithThem && i == chunks.size() - 1) {
                exchange.handOverLastByte();
            }
            write(framed);
        }
        return true;
    }

    private void write(byte[] bytes) throws IOException {
        exchange.answering();
        out.write(bytes);
        out.flush();
    }

    private boolean last(byte[] bytes) throws IOException {
        exchange.handOverLastByte();
        write(bytes);
        return true;
    }

    private byte[] head(Answer.Full full) {
        boolean framed = full.status() < 200 || full.status() == 204 || full.status() == 304
                || full.headers().stream().anyMatch(h -> h.is("Content-Length") || h.is("Transfer-Encoding"));
        return head(full.status(), full.headers(), framed ? "" : "Content-Length: " + full.body().length + "\r\n");
    }

    private byte[] body(Answer.Full full) {
        return exchange.request().method().equals("HEAD") ? new byte[0] : full.body();
    }

    private static byte[] head(int status, List<Header> headers, String framing) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Scripted\r\n");
        headers.forEach(header -> head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
        return bytes(head.append(framing).append("\r\n").toString());
    }

    private static boolean closes(List<Header> headers) {
        return headers.stream().anyMatch(h -> h.is("Connection") && h.value().equalsIgnoreCase("close"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream(first.length + second.length);
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }
}
