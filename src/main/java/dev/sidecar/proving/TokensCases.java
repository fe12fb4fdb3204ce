package dev.sidecar.proving;

import dev.sidecar.proving.TokensCase.Target;
import dev.sidecar.simulator.limits.TokenMoment;
import dev.sidecar.simulator.limits.TokenShape;
import dev.sidecar.simulator.limits.TokenShapes;
import java.util.ArrayList;
import java.util.List;

/** The rows of the proving run with a limit of tokens. */
final class TokensCases {

    private static final int TOKENS = 100_000;
    /** Far more than fit into the tokens. */
    private static final int MANY = 600;
    /** About as many as fit into the tokens. */
    private static final int BOTH = 45;
    /** A request must not wait longer than the usual time in the queue. */
    private static final Target TARGET = new Target(0.85, 0.005, 150);
    /** It refuses bursts, so that the even pace after its refusals takes a part of what could be used. */
    private static final Target OF_SLIDING_COUNTER = new Target(0.82, 0.013, 150);

    private TokensCases() {
    }

    /**
     * Every way of counting at every moment with every {@code max_tokens}; then providers that state what is left, and ones
     * with a limit of requests too.
     */
    static List<TokensCase> all() {
        List<TokensCase> cases = new ArrayList<>();
        for (TokenShape shape : TokenShapes.all(TOKENS)) {
            for (MaxTokens most : MaxTokens.values()) {
                cases.add(new TokensCase("tokens", MANY, shape, most, false, target(shape)));
            }
        }
        for (TokenShape shape : TokenShapes.all(TOKENS)) {
            cases.add(new TokensCase("tokens, stated", MANY, shape, MaxTokens.MIXED, true, target(shape)));
        }
        for (TokenMoment moment : TokenMoment.values()) {
            cases.add(new TokensCase("tokens and requests", BOTH,
                    TokenShapes.named("sliding-log", TOKENS, moment), MaxTokens.MIXED, false, TARGET));
        }
        return cases;
    }

    private static Target target(TokenShape shape) {
        return shape.name().equals("sliding-counter") ? OF_SLIDING_COUNTER : TARGET;
    }
}
