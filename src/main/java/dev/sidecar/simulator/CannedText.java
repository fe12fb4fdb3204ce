package dev.sidecar.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The simulated provider's texts: always the same text for the same prompt, cut into tokens. Stateless. */
final class CannedText {

    private static final String[] FILLER = ("A real model would have thought about it; this one only keeps time. "
            + "It accepts a fixed number of requests in any sixty seconds and refuses all others, "
            + "as strict providers do. "
            + "The sidecar in front of it waits for a free slot, serves urgent requests first and forgets none.")
            .split(" ", -1);

    private CannedText() {
    }

    /** {@code opening}, continued or cut to exactly {@code tokens} tokens; joined they form the text. */
    static List<String> tokens(String opening, int tokens) {
        List<String> words = new ArrayList<>(List.of(opening.split(" ", -1)));
        for (int i = 0; words.size() < tokens; i++) {
            words.add(FILLER[i % FILLER.length]);
        }
        List<String> pieces = new ArrayList<>(tokens);
        for (int i = 0; i < tokens; i++) {
            pieces.add(i == 0 ? words.get(i) : " " + words.get(i));
        }
        return pieces;
    }

    /** {@code text} in pieces of at most {@code size} characters, for texts that must not be cut short. */
    static List<String> pieces(String text, int size) {
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < text.length(); from += size) {
            pieces.add(text.substring(from, Math.min(text.length(), from + size)));
        }
        return pieces;
    }

    /** A plausible number of tokens: about four bytes each, at least one. */
    static int count(String text) {
        return Math.max(1, Math.ceilDiv(text.getBytes(StandardCharsets.UTF_8).length, 4));
    }
}
