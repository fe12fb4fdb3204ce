package dev.sidecar.ingress;

/**
 * The line before a chunk, RFC 9112 §7.1: its size in hexadecimal digits, then extensions.
 *
 * @param size size of the chunk in bytes; -1 if the line does not begin with a size
 * @param wellFormed whether the text after the size matches {@code *( BWS ";" BWS name [ BWS "=" BWS value ] )},
 *        §7.1.1; white space at the very end is accepted
 */
record ChunkSizeLine(long size, boolean wellFormed) {

    private static final int LONGEST_SIZE = 15;
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    /** @param line the line without its end, one character for each byte */
    static ChunkSizeLine of(String line) {
        var digits = 0;
        while (digits < line.length() && Character.digit(line.charAt(digits), 16) >= 0) {
            digits++;
        }
        var size = digits == 0 || digits > LONGEST_SIZE ? -1 : Long.parseLong(line, 0, digits, 16);
        return new ChunkSizeLine(size, new Extensions(line, digits).areWellFormed());
    }

    /** Reads a line from left to right; for one use. */
    private static final class Extensions {

        private final String line;
        private int at;

        Extensions(String line, int at) {
            this.line = line;
            this.at = at;
        }

        boolean areWellFormed() {
            skipWhiteSpace();
            while (at < line.length()) {
                if (!takes(';') || !isToken() || takes('=') && !isValue()) {
                    return false;
                }
            }
            return true;
        }

        private boolean isValue() {
            return at < line.length() && line.charAt(at) == '"' ? isQuoted() : isToken();
        }

        private boolean isToken() {
            var start = at;
            while (at < line.length() && isTokenCharacter(line.charAt(at))) {
                at++;
            }
            var some = at > start;
            skipWhiteSpace();
            return some;
        }

        private boolean isQuoted() {
            for (at++; at < line.length() && line.charAt(at) != '"'; at++) {
                if (line.charAt(at) == '\\') {
                    at++;
                }
                if (at == line.length() || isControl(line.charAt(at))) {
                    return false;
                }
            }
            var closed = at < line.length();
            at++;
            skipWhiteSpace();
            return closed;
        }

        /** Accepts a mark with the white space around it. */
        private boolean takes(char mark) {
            if (at >= line.length() || line.charAt(at) != mark) {
                return false;
            }
            at++;
            skipWhiteSpace();
            return true;
        }

        private void skipWhiteSpace() {
            while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
                at++;
            }
        }

        private static boolean isTokenCharacter(char c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_MARKS.indexOf(c) >= 0;
        }

        private static boolean isControl(char c) {
            return c < ' ' && c != '\t' || c == 0x7f;
        }
    }
}
