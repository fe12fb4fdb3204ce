package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageReaderTest {

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final MessageReader reader = new MessageReader(MessageReader.Kind.ANSWER,
            (data, from, to) -> body.write(data, from, to - from));

    @Test
    void readsAnAnswerWithALengthWhereverItIsCut() throws ProtocolException {
        assertReadsWhereverCut("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello");
    }

    @Test
    void readsAChunkedAnswerWhereverItIsCut() throws ProtocolException {
        assertReadsWhereverCut(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n",
                "hello");
    }

    @Test
    void stopsAtTheEndOfTheMessage() throws ProtocolException {
        byte[] data = Chat.bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP");

        assertThat(reader.read(data, 0, data.length)).isEqualTo(data.length - 4);
        assertThat(reader.complete()).isTrue();
    }

    @Test
    void refusesFramingThatTwoReadersCouldReadDifferently() {
        byte[] both = Chat.bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n");
        byte[] neither = Chat.bytes("HTTP/1.1 200 OK\r\n\r\n");

        assertThatThrownBy(() -> reader.read(both, 0, both.length)).isInstanceOf(ProtocolException.class);
        reader.reset();
        assertThatThrownBy(() -> reader.read(neither, 0, neither.length)).isInstanceOf(ProtocolException.class);
    }

    private void assertReadsWhereverCut(String message, String expectedBody) throws ProtocolException {
        byte[] data = Chat.bytes(message);
        for (int cut = 0; cut <= data.length; cut++) {
            reader.reset();
            body.reset();
            reader.read(data, 0, cut);
            reader.read(data, cut, data.length);
            assertThat(reader.complete()).as("cut at %d", cut).isTrue();
            assertThat(body.toString(StandardCharsets.US_ASCII)).as("cut at %d", cut).isEqualTo(expectedBody);
        }
    }
}
