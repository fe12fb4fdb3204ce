package dev.sidecar.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What the sidecar says about itself, and its limit, as an operator sees and sets them. */
final class StatusClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI base;

    StatusClient(int port) {
        base = URI.create("http://127.0.0.1:" + port);
    }

    /** @param awaiting requests that the provider has not begun to answer */
    record State(int waiting, int awaiting, int streams) {

        boolean isIdle() {
            return waiting == 0 && awaiting == 0 && streams == 0;
        }
    }

    State state() throws IOException, InterruptedException {
        JsonNode status = send(HttpRequest.newBuilder(base.resolve("/status")).header("accept", "application/json"));
        return new State(status.at("/queue/current_size").asInt(-1), status.at("/in_flight/awaiting").asInt(-1),
                status.at("/in_flight/streams").asInt(-1));
    }

    void rate(int perMinute) throws IOException, InterruptedException {
        send(HttpRequest.newBuilder(base.resolve("/api/admin/config")).header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"rate_rpm\":" + perMinute + "}")));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(request.timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.uri() + " answered " + answer.statusCode());
        }
        return json.readTree(answer.body());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
