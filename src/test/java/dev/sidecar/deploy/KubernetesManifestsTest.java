package dev.sidecar.deploy;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * The manifests as the API server would read them, unknown fields refused. Those of deploy/kubernetes, and what kustomize
 * makes of them, which .ci/run writes to target/kubernetes.
 */
class KubernetesManifestsTest {

    private static final Path FOLDER = Path.of("deploy/kubernetes");
    private static final Path RENDERED = Path.of("target/kubernetes");

    private static List<HasMetadata> manifests;

    @BeforeAll
    static void read() throws IOException {
        manifests = new ArrayList<>();
        for (var folder : List.of(FOLDER, RENDERED)) {
            if (Files.exists(folder)) {
                try (var files = Files.walk(folder)) {
                    for (var file : files.filter(f -> f.toString().endsWith(".yaml"))
                            .filter(f -> !f.endsWith("kustomization.yaml") && !f.toString().endsWith(".patch.yaml"))
                            .toList()) {
                        manifests.addAll(KubernetesObjects.parse(Files.readString(file)));
                    }
                }
            }
        }
        manifests.addAll(fleet());
    }

    private static List<HasMetadata> fleet() throws IOException {
        return KubernetesObjects.parse(new Yaml().dumpAll(Kustomization.build(FOLDER.resolve("fleet")).iterator()));
    }

    private static <T> List<T> of(Class<T> kind) {
        var found = manifests.stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).isNotEmpty();
        return found;
    }

    @Test
    void whatKubernetesDoesNotKnowIsRefused() {
        assertThatThrownBy(() -> KubernetesObjects.parse("""
                apiVersion: v1
                kind: Service
                metadata: {name: a}
                spec: {ports: [{prot: 80}]}
                """)).hasMessageContaining("prot");
    }

    @Test
    void everyKindIsThereAndReads() {
        assertThat(manifests.stream().map(HasMetadata::getKind)).contains("Deployment", "Service", "NetworkPolicy",
                "PodDisruptionBudget", "ServiceMonitor");
    }

    /** The profile "restricted" of the pod security standards. */
    @Test
    void thePodHasNoRights() {
        for (var deployment : of(Deployment.class)) {
            var pod = deployment.getSpec().getTemplate().getSpec();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getHostNetwork()).isNull();
            for (var container : pod.getContainers()) {
                var context = container.getSecurityContext();
                assertThat(context.getAllowPrivilegeEscalation()).isFalse();
                assertThat(context.getReadOnlyRootFilesystem()).isTrue();
                assertThat(context.getPrivileged()).isNull();
                assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(context.getCapabilities().getAdd()).isEmpty();
            }
            assertThat(pod.getVolumes()).allMatch(volume -> volume.getHostPath() == null);
        }
    }

    @Test
    void replicasThatDoNotShareNeverRunBesideEachOther() {
        for (var deployment : of(Deployment.class)) {
            var spec = deployment.getSpec();
            if (spec.getTemplate().getSpec().getContainers().getFirst().getEnv().isEmpty()) {
                assertThat(spec.getReplicas()).isEqualTo(1);
                assertThat(spec.getStrategy().getType()).isEqualTo("Recreate");
            } else {
                assertThat(spec.getReplicas()).isGreaterThan(1);
            }
        }
    }

    /** The Secret is named, so no pod starts without the URL. */
    @Test
    void replicasOfAFleetShareHaveNamesOfTheirOwnAndAreReplacedOneByOne() throws IOException {
        var spec = fleet().stream().filter(Deployment.class::isInstance).map(Deployment.class::cast).findFirst()
                .orElseThrow().getSpec();
        var env = spec.getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .collect(toMap(each -> each.getName(), each -> each.getValueFrom()));

        assertThat(env.keySet()).containsExactlyInAnyOrder("SIDECAR_REDIS_URL", "SIDECAR_FLEET", "SIDECAR_REPLICA_ID");
        assertThat(env.get("SIDECAR_REDIS_URL").getSecretKeyRef().getKey()).isEqualTo("SIDECAR_REDIS_URL");
        assertThat(env.get("SIDECAR_REDIS_URL").getSecretKeyRef().getOptional()).isNull();
        assertThat(env.get("SIDECAR_FLEET").getFieldRef().getFieldPath()).isEqualTo("metadata.namespace");
        assertThat(env.get("SIDECAR_REPLICA_ID").getFieldRef().getFieldPath()).isEqualTo("metadata.name");
        assertThat(spec.getStrategy().getType()).isEqualTo("RollingUpdate");
        assertThat(spec.getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal()).isZero();
        assertThat(spec.getStrategy().getRollingUpdate().getMaxSurge().getIntVal()).isEqualTo(1);
    }

    @Test
    void onlyAFleetReachesRedis() throws IOException {
        assertThat(ports(fleet())).contains(6379, 26379);
        assertThat(ports(KubernetesObjects.parse(Files.readString(FOLDER.resolve("base/networkpolicy.yaml")))))
                .doesNotContain(6379, 26379);
    }

    private static List<Integer> ports(List<HasMetadata> objects) {
        return objects.stream().filter(NetworkPolicy.class::isInstance).map(NetworkPolicy.class::cast)
                .flatMap(policy -> policy.getSpec().getEgress().stream()).flatMap(rule -> rule.getPorts().stream())
                .map(port -> port.getPort().getIntVal()).toList();
    }

    @Test
    void aReplicaHasTheTimeToEnd() throws IOException {
        var grace = settings().get("SIDECAR_SHUTDOWN_GRACE");
        for (var deployment : of(Deployment.class)) {
            var spec = deployment.getSpec();
            assertThat(spec.getTemplate().getSpec().getTerminationGracePeriodSeconds())
                    .isGreaterThan(Long.parseLong(grace) + 5);
            assertThat(spec.getTemplate().getSpec().getEnableServiceLinks()).isFalse();
        }
    }

    @Test
    void theStateOfTheImageIsAVolumeThatOutlivesTheContainer() throws IOException {
        for (var deployment : of(Deployment.class)) {
            var pod = deployment.getSpec().getTemplate().getSpec();
            var mount = pod.getContainers().getFirst().getVolumeMounts().stream()
                    .filter(each -> each.getName().equals("state")).findFirst().orElseThrow();
            assertThat(Files.readString(Path.of("Dockerfile"))).contains("SIDECAR_STATE_DIR=" + mount.getMountPath());
            assertThat(pod.getVolumes()).anyMatch(
                    volume -> volume.getName().equals("state") && volume.getEmptyDir() != null);
        }
    }

    @Test
    void whatPointsToSomethingFindsIt() {
        for (var deployment : of(Deployment.class)) {
            var labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
            var container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
            var ports = container.getPorts().stream().collect(toMap(p -> p.getName(), p -> p.getContainerPort()));
            assertThat(ports).isEqualTo(Map.of("http", 9190, "management", 9191));
            assertThat(labels).containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
            assertThat(Stream.of(container.getStartupProbe(), container.getLivenessProbe(),
                    container.getReadinessProbe()).map(Probe::getHttpGet).map(
                            get -> get.getPath() + get.getPort()
                                    .getStrVal()))
                    .containsExactly("/healthhttp", "/healthhttp", "/health/readyhttp");
            var volumes = deployment.getSpec().getTemplate().getSpec().getVolumes().stream().map(v -> v.getName());
            assertThat(container.getVolumeMounts().stream().map(m -> m.getName())).containsExactlyInAnyOrderElementsOf(
                    volumes.toList());
            assertThat(container.getVolumeMounts()).allMatch(mount -> mount.getSubPath() == null);

            for (var service : of(Service.class)) {
                assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
                assertThat(service.getSpec().getPorts())
                        .allMatch(port -> port.getPort().equals(ports.get(port.getTargetPort().getStrVal())));
            }
            for (var policy : of(NetworkPolicy.class)) {
                assertThat(labels).containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
                assertThat(policy.getSpec().getIngress().stream().flatMap(rule -> rule.getPorts().stream())
                        .map(port -> port.getPort().getStrVal())).isSubsetOf(ports.keySet());
            }
            for (var budget : of(PodDisruptionBudget.class)) {
                assertThat(labels).containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels());
            }
        }
        for (var monitor : of(ServiceMonitor.class)) {
            var service = of(Service.class).getFirst();
            assertThat(service.getMetadata().getLabels())
                    .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels());
            assertThat(service.getSpec().getPorts().stream().map(port -> port.getName()))
                    .contains(monitor.getSpec().getEndpoints().getFirst().getPort());
        }
    }

    @Test
    void theConfigMapHoldsEveryRouteFileUnderANameThatStays() throws IOException {
        var generator = generators(Path.of("routes/kustomization.yaml")).get("nvidia-sidecar-routes");
        try (var files = Files.list(Path.of("routes"))) {
            assertThat((List<?>) generator.get("files")).map(String::valueOf)
                    .containsExactlyInAnyOrderElementsOf(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".camel.yaml")).toList());
        }
        assertThat(generator.get("options")).isEqualTo(Map.of("disableNameSuffixHash", true));
    }

    @Test
    void theSettingsAreSettings() throws IOException {
        assertThat(Files.readString(Path.of("deploy/.env.example"))).contains(settings().keySet());
    }

    private static Map<String, String> settings() throws IOException {
        var generator = generators(FOLDER.resolve("base/kustomization.yaml")).get("nvidia-sidecar-settings");
        return ((List<?>) generator.get("literals")).stream().map(literal -> String.valueOf(literal).split("=", 2))
                .collect(toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static Map<String, Map<?, ?>> generators(Path kustomization) throws IOException {
        Map<String, List<Map<?, ?>>> yaml = new Yaml().load(Files.readString(kustomization));
        return yaml.get("configMapGenerator").stream()
                .collect(toMap(generator -> String.valueOf(generator.get("name")), generator -> generator));
    }
}
