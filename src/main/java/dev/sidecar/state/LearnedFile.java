package dev.sidecar.state;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.order.LearnedState;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.CapState;
import dev.sidecar.throttle.quota.PeriodUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was learned, as a {@linkplain WholeFile whole} file of JSON. All times are nanoseconds. Thread-safe.
 */
final class LearnedFile {

    static final String NAME = "learned.json";
    private static final int VERSION = 1;

    private final Path file;
    private final Optional<BootId> boot;
    private final ObjectMapper json = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .addModule(times()).build();

    LearnedFile(Path folder, Optional<BootId> boot) {
        this.file = folder.resolve(NAME);
        this.boot = boot;
    }

    /** The file as it is written. */
    private record Content(int version, @Nullable UUID boot, long at, List<Learned> budgets,
            Map<String, List<CapState>> models, Map<String, List<PeriodUse>> clients) {
    }

    /** What was learned about an account. */
    private record Learned(AccountId account, BudgetState state) {
    }

    /** The nanoseconds of a time, and a number or nothing. */
    private static SimpleModule times() {
        var module = new SimpleModule();
        module.addSerializer(new StdSerializer<>(Duration.class) {
            private static final long serialVersionUID = 1;

            @Override
            public void serialize(Duration time, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeNumber(time.toNanos());
            }
        });
        module.addSerializer(new StdSerializer<>(OptionalDouble.class) {
            private static final long serialVersionUID = 1;

            @Override
            public void serialize(OptionalDouble number, JsonGenerator out, SerializerProvider provider)
                    throws IOException {
                out.writeNumber(number.orElse(0));
            }
        });
        module.addDeserializer(Duration.class, new StdDeserializer<>(Duration.class) {
            private static final long serialVersionUID = 1;

            @Override
            public Duration deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return Duration.ofNanos(in.getLongValue());
            }
        });
        module.addDeserializer(OptionalDouble.class, new StdDeserializer<>(OptionalDouble.class) {
            private static final long serialVersionUID = 1;

            @Override
            public OptionalDouble deserialize(JsonParser in, DeserializationContext context) throws IOException {
                double number = in.getDoubleValue();
                return number > 0 ? OptionalDouble.of(number) : OptionalDouble.empty();
            }
        });
        return module;
    }

    /** @param now a reading of the monotonic clock */
    void write(LearnedState state, long now) throws IOException {
        List<Learned> budgets = new ArrayList<>();
        state.budgets().forEach((account, budget) -> budgets.add(new Learned(account, budget)));
        WholeFile.write(file,
                json.writeValueAsBytes(new Content(VERSION, boot.map(BootId::id).orElse(null), now, budgets,
                        state.models(), state.clients())));
    }

    /**
     * What another process has learned, as it is now. Of another boot only the time until its end is known, so that nothing
     * has become older since.
     *
     * @return nothing where there is no file
     * @throws UnknownSendsException where there is one that cannot be read
     */
    Optional<LearnedState> read(long now) throws UnknownSendsException {
        try {
            Content content = json.readValue(Files.readAllBytes(file), Content.class);
            if (content.version() != VERSION) {
                throw new UnknownSendsException("another version has written what was learned");
            }
            boolean sameBoot = boot.isPresent() && boot.get().id().equals(content.boot());
            long passed = sameBoot ? Math.max(0, now - content.at()) : 0;
            return Optional.of(new LearnedState(
                    content.budgets().stream().collect(Collectors.toMap(Learned::account, Learned::state)),
                    content.models(), content.clients()).after(Duration.ofNanos(passed)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            throw new UnknownSendsException("what was learned cannot be read: " + e.getClass().getSimpleName());
        }
    }
}
