package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/** The first line and the headers of a message, read as strictly as a test wants them. */
record WireHead(String startLine, List<Header> headers) {

    static WireHead read(InputStream in) throws IOException {
        var startLine = line(in);
        var headers = new ArrayList<Header>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1 || line.charAt(colon - 1) == ' ') {
                throw new ProtocolException("not a header: " + line);
            }
            headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return new WireHead(startLine, List.copyOf(headers));
    }

    List<String> values(String name) {
        return headers.stream().filter(header -> header.is(name)).map(Header::value).toList();
    }

    static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream(80);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended inside a line: " + line.toString(ISO_8859_1));
            }
            line.write(next);
        }
        var text = line.toString(ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new ProtocolException("line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }
}
