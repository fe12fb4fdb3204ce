package dev.sidecar.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What image, unit and Compose say of the same things fits together, and the program. */
class ServiceFilesTest {

    private static final int GRACE_SECONDS = Integer.parseInt(
            found(read("deploy/.env.example"), "#SIDECAR_SHUTDOWN_GRACE=(\\d+)"));
    private static final String DOCKERFILE = read("Dockerfile");
    private static final String UNIT = read("deploy/systemd/nvidia-sidecar.service");

    @Test
    void whoStopsItWaitsLongerThanItTakes() {
        var compose = String.valueOf(service("sidecar").get("stop_grace_period"));

        assertThat(Integer.parseInt(found(UNIT, "TimeoutStopSec=(\\d+)"))).isGreaterThan(GRACE_SECONDS + 5);
        assertThat(Integer.parseInt(found(compose, "(\\d+)s"))).isGreaterThan(GRACE_SECONDS + 5);
        assertThat(UNIT).contains("\nKillMode=mixed\n", "\nSuccessExitStatus=143\n");
    }

    @Test
    void itHas512MegabytesEverywhere() {
        assertThat(UNIT).contains("\nMemoryMax=512M\n");
        assertThat(service("sidecar").get("mem_limit")).isEqualTo("512m");
    }

    @Test
    void theImageRunsWhatIsThere() throws Exception {
        var start = new ObjectMapper().readValue(found(DOCKERFILE, "\nENTRYPOINT (\\[.*])"), String[].class);
        var check = new ObjectMapper().readValue(found(DOCKERFILE, "\n +CMD (\\[.*])"), String[].class);

        assertThat(start[0]).isEqualTo("/opt/java/bin/java").isEqualTo(check[0]);
        assertThat(start).contains("@/app/jvm.options", "-XX:AOTCache=/app/sidecar.aot",
                "/app/lib/nvidia-sidecar.jar");
        assertThat(Class.forName(check[check.length - 1]).getMethod("main", String[].class)).isNotNull();
        assertThat(DOCKERFILE).contains("\nEXPOSE 9190 9191\n", "\nUSER 65532:65532\n", "SIDECAR_HOST=0.0.0.0");
    }

    @Test
    void theImageIsMadeByScriptsThatRunWithoutIt() {
        var steps = Pattern.compile("\nRUN (?:[A-Z]+=\\S+ )?(\\S+)").matcher(DOCKERFILE).results()
                .map(step -> step.group(1)).toList();

        assertThat(steps).hasSize(3).allSatisfy(script -> assertThat(Path.of(script)).isExecutable());
    }

    @Test
    void eachKeepsItsStateWhereItMayWriteAndNobodyElse() {
        var folder = found(DOCKERFILE, "SIDECAR_STATE_DIR=(\\S+)");

        assertThat(DOCKERFILE).contains("\nCOPY --from=build --chown=65532:65532 /state " + folder + "\n")
                .doesNotContain("VOLUME");
        assertThat(UNIT).contains("\nStateDirectory=nvidia-sidecar\nStateDirectoryMode=0700\n",
                "\nEnvironment=SIDECAR_STATE_DIR=/var/lib/nvidia-sidecar\n");
        assertThat((List<?>) service("sidecar").get("volumes")).map(String::valueOf).contains("state:" + folder);
        assertThat(read("deploy/try-image.sh")).contains("SIDECAR_STATE_DIR=" + folder + " ");
    }

    @Test
    void whatComposeMountsIsThere() {
        for (var service : List.of("sidecar", "prometheus", "grafana")) {
            assertThat((List<?>) service(service).get("volumes")).map(String::valueOf)
                    .filteredOn(volume -> volume.startsWith(".")).isNotEmpty()
                    .allSatisfy(volume -> assertThat(
                            Path.of("deploy/compose").resolve(volume.substring(0, volume.indexOf(":")))).exists());
        }
    }

    /** Two replicas with one folder, or one name, would not be two. */
    @Test
    void eachReplicaOfTheFleetHasANameAndAFolderOfItsOwnAndTheSameRedis() {
        var folder = found(DOCKERFILE, "SIDECAR_STATE_DIR=(\\S+)");
        var replicas = replicas();

        assertThat(replicas).hasSize(3);
        assertThat(replicas.values().stream().map(each -> environment(each).get("SIDECAR_REPLICA_ID")).distinct())
                .hasSize(3).doesNotContainNull();
        assertThat(replicas.values().stream().map(each -> String.valueOf(environment(each).get("SIDECAR_REDIS_URL")))
                .distinct())
                .containsExactly("redis://redis:6379");
        assertThat(replicas.values().stream().flatMap(each -> ((List<?>) each.get("volumes")).stream())
                .map(String::valueOf).filter(volume -> volume.endsWith(":" + folder)).distinct()).hasSize(3);
    }

    @Test
    void eachReplicaOfTheFleetRunsAsTheOneOfTheOtherFile() {
        for (var replica : replicas().values()) {
            for (var same : List.of("build", "image", "env_file", "read_only", "tmpfs", "cap_drop", "security_opt",
                    "mem_limit", "memswap_limit", "pids_limit", "stop_grace_period", "restart")) {
                assertThat((Object) replica.get(same)).as(same).isNotNull().isEqualTo(service("sidecar").get(same));
            }
        }
    }

    @Test
    void theLoadBalancerKnowsEachReplicaAndAsksWhetherItIsReady() {
        var balancer = read("deploy/compose/haproxy.cfg");
        var servers = Pattern.compile("server \\S+ (\\S+):9190\n").matcher(balancer).results()
                .map(each -> each.group(1));

        assertThat(servers).containsExactlyElementsOf(
                Stream.concat(replicas().keySet().stream(), replicas().keySet().stream()).toList());
        assertThat(balancer).contains("uri /health/ready", "option abortonclose", "option http-no-delay");
        assertThat((List<?>) services("compose.fleet.yaml").get("load-balancer").get("volumes"))
                .map(String::valueOf).allMatch(volume -> volume.startsWith("./haproxy.cfg:"));
    }

    private static Map<String, Map<?, ?>> replicas() {
        var replicas = new TreeMap<>(services("compose.fleet.yaml"));
        replicas.keySet().removeIf(name -> !name.startsWith("sidecar"));
        return replicas;
    }

    private static Map<?, ?> environment(Map<?, ?> service) {
        return (Map<?, ?>) service.get("environment");
    }

    private static Map<?, ?> service(String name) {
        return services("compose.yaml").get(name);
    }

    private static Map<String, Map<?, ?>> services(String file) {
        Map<String, Map<String, Map<?, ?>>> compose = new Yaml().load(read("deploy/compose/" + file));
        return compose.get("services");
    }

    private static String found(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
    }
}
