package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sidecar.fleet.FleetStatus.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the log says of a change. */
class FleetLogTest {

    private static FleetStatus status(Mode mode, String leader, boolean leads, boolean without) {
        return new FleetStatus(mode, "a", leader, List.of(), 0.4, leads, without);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SHARED    | b  | false | false | b leads: it decides for all replicas which request goes next
            SHARED    | a  | true  | false | leads: it decides for all replicas which request goes next
            ALONE     | '' | false | false | cannot reach the others: sends its own part of each limit
            ALONE     | '' | false | true  | cannot reach the others and has no part of a limit: requests get 503 no_share
            REJOINING | '' | false | false | waits for a leader""")
    void aChangeIsSaidInWords(Mode mode, String leader, boolean leads, boolean without, String note) {
        assertThat(FleetLog.note(status(mode, leader, leads, without))).isEqualTo(note);
    }

    @Test
    void onlyAloneIsAWarning() {
        var written = new ListAppender<ILoggingEvent>();
        var logger = new LoggerContext().getLogger("fleet");
        logger.setLevel(Level.INFO);
        logger.addAppender(written);
        written.start();
        var log = new FleetLog(logger);
        log.changed(status(Mode.SHARED, "b", false, false), List.of(40));
        log.changed(status(Mode.ALONE, "", false, false), List.of(14));
        log.changed(status(Mode.REJOINING, "", false, false), List.of(14));
        assertThat(written.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.INFO, Level.WARN,
                Level.INFO);
        assertThat(written.list).allSatisfy(each -> assertThat(each.getMessage()).isEqualTo("fleet_changed"));
        assertThat(written.list.get(1).getKeyValuePairs()).extracting(each -> each.key + "=" + each.value)
                .containsExactly("mode=alone", "replica=a", "leader=", "leads=false", "parts=[14]",
                        "note=cannot reach the others: sends its own part of each limit");
    }
}
