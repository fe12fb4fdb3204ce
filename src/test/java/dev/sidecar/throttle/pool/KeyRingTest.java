package dev.sidecar.throttle.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which key pays for which request. The time begins just before the clock wraps. */
class KeyRingTest {

    private static final long NOW = Long.parseLong("9223372036854775000");

    private final KeyRing ring = new KeyRing(List.of(new Key("a", "shared"), new Key("b", "shared"),
            new Key("c", "own")));

    @Test
    void theFirstKeyOfAnAccountPaysForIt() {
        assertThat(keyOf("shared", anybody())).isEqualTo("a");
        assertThat(keyOf("own", anybody())).isEqualTo("c");
        assertThat(keyOf("unknown", anybody())).isNull();
    }

    @Test
    void anAccountIsServedAsLongAsOneOfItsKeysIsAccepted() {
        assertThat(ring.takeOut("a")).isTrue();
        assertThat(ring.takeOut("a")).as("news").isFalse();
        assertThat(keyOf("shared", anybody())).isEqualTo("b");
        assertThat(ring.serves("shared")).isTrue();
        ring.takeOut("b");
        assertThat(ring.serves("shared")).isFalse();
        assertThat(ring.allOut()).isFalse();
        ring.takeOut("c");
        assertThat(ring.allOut()).isTrue();
        assertThat(ring.hasKeyFor(anybody(), NOW)).isFalse();
        assertThat(ring.primary().name()).isEqualTo("a");
        assertThat(ring.putBack("b")).isTrue();
        assertThat(ring.putBack("b")).as("news").isFalse();
        assertThat(keyOf("shared", anybody())).isEqualTo("b");
    }

    @Test
    void aKeyOfAnotherProviderIsNotTakenOut() {
        assertThat(ring.takeOut("d")).isFalse();
        assertThat(ring.isOut("d")).isFalse();
    }

    @Test
    void anExclusionIsForOneClientAndModelAndEndsByItself() {
        ring.exclude("c", user("client", "m"), NOW);
        assertThat(keyOf("own", user("client", "m"))).isNull();
        assertThat(keyOf("own", user("another", "m"))).isEqualTo("c");
        assertThat(keyOf("own", user("client", "n"))).isEqualTo("c");
        assertThat(keyOf("own", user("client", null))).isEqualTo("c");
        assertThat(ring.keyOf("own", user("client", "m"), NOW + KeyRing.REST - 1)).isNull();
        assertThat(ring.keyOf("own", user("client", "m"), NOW + KeyRing.REST)).isNotNull();
    }

    @Test
    void aKeyThatIsAcceptedAgainIsAcceptedForEverybody() {
        ring.exclude("c", user("client", "m"), NOW);
        assertThat(ring.putBack("c")).isTrue();
        assertThat(keyOf("own", user("client", "m"))).isEqualTo("c");
    }

    @Test
    void aRequestIsNotSentAgainWithAKeyThatRefusedIt() {
        var choosy = new KeyUser("client", "m", false, Set.of("a"));
        assertThat(keyOf("shared", choosy)).isEqualTo("b");
        assertThat(ring.hasKeyFor(new KeyUser("client", "m", false, Set.of("a", "b", "c")), NOW)).isFalse();
    }

    @Test
    void onlyThePrimaryKeyWillDoForWhatMayBeStored() {
        var primary = new KeyUser("client", "m", true, Set.of());
        assertThat(keyOf("shared", primary)).isEqualTo("a");
        assertThat(keyOf("own", primary)).isNull();
        ring.takeOut("a");
        assertThat(ring.hasKeyFor(primary, NOW)).isFalse();
    }

    @Test
    void itsMemoryIsBounded() {
        for (int i = 0; i < 3 * KeyRing.MOST_EXCLUSIONS; i++) {
            ring.exclude("c", user("client", "model-" + i), NOW);
        }
        assertThat(keyOf("own", user("client", "model-" + (3 * KeyRing.MOST_EXCLUSIONS - 1)))).isNull();
        assertThat(ring.exclusions()).isLessThanOrEqualTo(KeyRing.MOST_EXCLUSIONS);
    }

    @Test
    void anotherRingLearnsWhatIsKnownOfItsKeys() {
        ring.takeOut("a");
        ring.exclude("c", user("client", "m"), NOW);
        var next = new KeyRing(List.of(new Key("c", "own"), new Key("a", "shared"), new Key("new", "new")));
        next.learnFrom(ring);
        assertThat(next.isOut("a")).isTrue();
        assertThat(next.keyOf("own", user("client", "m"), NOW)).isNull();
        assertThat(next.keyOf("new", user("client", "m"), NOW)).isNotNull();
    }

    @Test
    void itNeedsAKey() {
        List<Key> none = List.of();
        assertThatThrownBy(() -> new KeyRing(none)).hasMessage("a provider needs a key");
    }

    private @Nullable String keyOf(String account, KeyUser user) {
        var key = ring.keyOf(account, user, NOW);
        return key == null ? null : key.name();
    }

    private static KeyUser anybody() {
        return user("anybody", null);
    }

    private static KeyUser user(String client, @Nullable String model) {
        return new KeyUser(client, model, false, Set.of());
    }
}
