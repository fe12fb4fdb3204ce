package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** {@code POST /v1/embeddings}: unit vectors made from the text's words, so that texts with common words lie close. */
final class Embeddings {

    private static final int DIMENSIONS = 256;

    private Embeddings() {
    }

    static Reply answer(JsonObject body) {
        Fields fields = new Fields(body);
        String model = fields.model();
        List<String> texts = fields.texts("input");
        int dimensions = fields.integer("dimensions", DIMENSIONS, 1, 4096);
        String format = fields.body().containsKey("encoding_format")
                ? fields.requiredString("encoding_format")
                : "float";
        JsonArray data = new JsonArray();
        for (String text : texts) {
            if (text.isEmpty()) {
                throw ApiError.wrongValue("input", "''", "texts that are not empty");
            }
            float[] vector = vector(text, dimensions);
            Object encoded = switch (format) {
                case "float" -> array(vector);
                case "base64" -> base64(vector);
                default -> throw ApiError.wrongValue("encoding_format", format, "float, base64");
            };
            data.add(new JsonObject().put("object", "embedding").put("index", data.size()).put("embedding", encoded));
        }
        int tokens = texts.stream().mapToInt(CannedText::count).sum();
        return new Reply.Json(new JsonObject().put("object", "list").put("data", data).put("model", model).put("usage",
                new JsonObject().put("prompt_tokens", tokens).put("total_tokens", tokens)), new Usage(tokens, 0));
    }

    private static float[] vector(String text, int dimensions) {
        double[] sums = new double[dimensions];
        for (String word : text.toLowerCase(Locale.ROOT).split("\\W+", -1)) {
            int hash = word.hashCode() * 0x9E3779B9;
            sums[Math.floorMod(hash >> 1, dimensions)] += (hash & 1) == 0 ? 1 : -1;
        }
        double length = 0;
        for (double sum : sums) {
            length += sum * sum;
        }
        if (length == 0) {
            sums[0] = 1;
            length = 1;
        }
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (sums[i] / Math.sqrt(length));
        }
        return vector;
    }

    private static JsonArray array(float[] vector) {
        JsonArray array = new JsonArray();
        for (float value : vector) {
            array.add(value);
        }
        return array;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
