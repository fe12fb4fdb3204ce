package dev.sidecar.clients;

import java.util.Set;

/**
 * The paths below {@code /v1} whose requests stand for themselves: they name no stored object and make none. Any other path
 * may, so a client with {@code models} needs {@code stored: true} for it. Stateless.
 */
final class OneShotPaths {

    private static final String MODELS = "/v1/models";
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    /** Of OpenAI, Anthropic and NVIDIA. Each has the model in its body. */
    private static final Set<String> POSTS = Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings",
            "/v1/responses", "/v1/messages", "/v1/messages/count_tokens", "/v1/moderations", "/v1/images/generations",
            "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/audio/translations", "/v1/rerank", "/v1/ranking");

    private OneShotPaths() {
    }

    /** Whether the body of such a request names the model. An upstream may take another method for POST. */
    static boolean hasModelInItsBody(String method, String path) {
        return !READING.contains(method) && POSTS.contains(path);
    }

    /** Whether it only asks which models there are. */
    static boolean asksForModels(String method, String path) {
        return READING.contains(method) && (path.equals(MODELS) || path.startsWith(MODELS + "/"));
    }
}
