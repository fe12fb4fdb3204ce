package dev.sidecar.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.testkit.HelmProcess;
import dev.sidecar.testkit.ProgramTest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The chart installs what deploy/kubernetes installs, and its values do what they say. */
@ProgramTest
class HelmChartTest {

    private static final Path CHART = Path.of("deploy/helm/nvidia-sidecar");
    private static final Path KUBERNETES = Path.of("deploy/kubernetes");

    private static HelmProcess helm;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        helm = HelmProcess.start(CHART, folder);
    }

    @AfterAll
    static void stop() {
        helm.close();
    }

    // ---- the defaults ----

    @Test
    void lintFindsNothing() throws Exception {
        assertThat(helm.lint()).isEmpty();
    }

    @Test
    void theDefaultsInstallWhatTheKustomizeBaseInstalls() throws Exception {
        assertThat(ManifestFacts.of(maps(helm.template(""))))
                .containsExactlyInAnyOrderEntriesOf(ManifestFacts.of(Kustomization.build(KUBERNETES.resolve("base"))));
    }

    @Test
    void theServiceMonitorIsThatOfTheKustomizeOverlay() throws Exception {
        assertThat(ManifestFacts.of(maps(helm.template("serviceMonitor: {enabled: true}"))))
                .containsExactlyInAnyOrderEntriesOf(
                        ManifestFacts.of(Kustomization.build(KUBERNETES.resolve("prometheus-operator"))));
    }

    @Test
    void aFleetIsThatOfTheKustomizeOverlay() throws Exception {
        assertThat(ManifestFacts.of(maps(helm.template("fleet: {enabled: true}"))))
                .containsExactlyInAnyOrderEntriesOf(ManifestFacts.of(Kustomization.build(KUBERNETES.resolve("fleet"))));
    }

    @Test
    void everyObjectHasTheLabelsThatToolsLookFor() throws Exception {
        for (var object : objects("")) {
            assertThat(object.getMetadata().getLabels()).as(object.getKind()).containsAllEntriesOf(Map.of(
                    "app.kubernetes.io/name", "nvidia-sidecar", "app.kubernetes.io/instance", HelmProcess.RELEASE,
                    "app.kubernetes.io/part-of", "nvidia-sidecar", "app.kubernetes.io/managed-by", "Helm"));
        }
    }

    /** Prometheus makes the label "job" of it, which the alerts ask for. */
    @Test
    void theMonitoredServiceHasTheNameThatTheAlertsKnow() throws Exception {
        var objects = objects("{serviceMonitor: {enabled: true}, nameOverride: other}");

        assertThat(only(Service.class, objects).getMetadata().getLabels())
                .containsEntry(only(ServiceMonitor.class, objects).getSpec().getJobLabel(), "nvidia-sidecar");
    }

    @Test
    void theNotesSayWhatIsStillMissingAndWhereTheSidecarIs() throws Exception {
        assertThat(helm.notes("")).contains("kubectl -n llm create secret generic nvidia-sidecar",
                "http://nvidia-sidecar.llm.svc:9190/v1", "port-forward svc/nvidia-sidecar 9190 9191");
        assertThat(helm.notes("")).doesNotContain("SIDECAR_REDIS_URL");
        assertThat(helm.notes("fleet: {enabled: true}"))
                .contains("\\\n    --from-literal=SIDECAR_REDIS_URL=rediss://user:password@redis:6379\n");
        assertThat(helm.notes("secret: {create: true, apiKey: nvapi-top-secret}"))
                .doesNotContain("create secret");
    }

    // ---- values ----

    @Test
    void withEveryOptionKubernetesKnowsAllThatIsThere() throws Exception {
        assertThat(objects("""
                image: {repository: registry.example/nvidia-sidecar, tag: "1", pullPolicy: Always}
                imagePullSecrets: [{name: registry}]
                secret: {create: true, apiKey: nvapi-1, adminToken: token}
                routes: {files: {mine.camel.yaml: "[]"}}
                extraEnv: [{name: LOGGING_LEVEL_DEV_SIDECAR_REQUESTS, value: WARN}]
                extraVolumes: [{name: certificates, secret: {secretName: certificates}}]
                extraVolumeMounts: [{name: certificates, mountPath: /certificates, readOnly: true}]
                podAnnotations: {a: "1"}
                podLabels: {b: "2"}
                priorityClassName: important
                nodeSelector: {c: "3"}
                tolerations: [{operator: Exists}]
                affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
                service: {annotations: {d: "4"}}
                serviceMonitor: {enabled: true, interval: 30s, labels: {release: prometheus}}
                prometheusRule: {enabled: true, labels: {release: prometheus}}
                """).stream().map(HasMetadata::getKind)).containsExactlyInAnyOrder("NetworkPolicy",
                "PodDisruptionBudget", "Secret", "ConfigMap", "ConfigMap", "Service", "Deployment", "PrometheusRule",
                "ServiceMonitor");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | nvidia-sidecar:0.1.0-SNAPSHOT",
            "{repository: r.example/s, tag: '1.2'} | r.example/s:1.2",
            "{tag: '1.2', digest: 'sha256:0000000000000000000000000000000000000000000000000000000000000000'} | "
                    + "nvidia-sidecar@sha256:0000000000000000000000000000000000000000000000000000000000000000"})
    void theImageIsNamedByTagOrDigest(String image, String name) throws Exception {
        assertThat(deployment("image: " + image).getSpec().getTemplate().getSpec().getContainers())
                .singleElement().satisfies(container -> assertThat(container.getImage()).isEqualTo(name));
    }

    @Test
    void aSettingReachesTheSidecarAsItIsWritten() throws Exception {
        var settings = configMap("nvidia-sidecar-settings", objects("""
                settings: {SIDECAR_MAX_BODY_BYTES: 33554432, SIDECAR_FALLBACK_PASSTHROUGH: false, SIDECAR_TIMEOUT: 90s}
                """));

        assertThat(settings).containsEntry("SIDECAR_MAX_BODY_BYTES", "33554432")
                .containsEntry("SIDECAR_FALLBACK_PASSTHROUGH", "false").containsEntry("SIDECAR_TIMEOUT", "90s")
                .containsEntry("SIDECAR_RATE_RPM", "40");
    }

    /** The sidecar reads settings and secrets at the start, and routes while it runs. */
    @Test
    void aChangeOfSettingsOrSecretMakesANewPodAndOneOfRoutesDoesNot() throws Exception {
        var secret = "secret: {create: true, apiKey: nvapi-1}";

        assertThat(deployment("settings: {SIDECAR_RATE_RPM: 60}")).isNotEqualTo(deployment(""));
        assertThat(deployment("secret: {create: true, apiKey: nvapi-2}")).isNotEqualTo(deployment(secret));
        assertThat(deployment("routes: {files: {mine.camel.yaml: '[]'}}")).isEqualTo(deployment(""));
    }

    @Test
    void aSecretIsMadeOnlyWhereItIsAskedFor() throws Exception {
        assertThat(objects("")).noneMatch(Secret.class::isInstance);
        assertThat(only(Secret.class, objects("secret: {create: true, apiKey: nvapi-1}")).getStringData())
                .isEqualTo(Map.of("SIDECAR_API_KEY", "nvapi-1"));
        assertThat(deployment("secret: {name: mine}").getSpec().getTemplate().getSpec().getContainers().getFirst()
                .getEnvFrom()).anyMatch(
                        from -> from.getSecretRef() != null
                                && from.getSecretRef().getName().equals("mine"));
    }

    @Test
    void theUrlOfRedisIsInTheSecretThatIsAskedFor() throws Exception {
        var secret = only(Secret.class, objects("""
                {secret: {create: true, apiKey: nvapi-1, redisUrl: "redis://redis:6379"}, fleet: {enabled: true}}
                """));
        assertThat(secret.getStringData()).isEqualTo(
                Map.of("SIDECAR_API_KEY", "nvapi-1", "SIDECAR_REDIS_URL", "redis://redis:6379"));

        var own = objects("""
                {secret: {create: true, apiKey: nvapi-1}, fleet: {enabled: true, redisSecret: {name: mine, key: url}}}
                """);
        assertThat(only(Secret.class, own).getStringData()).containsOnlyKeys("SIDECAR_API_KEY");
        var reference = environment(only(Deployment.class, own), "SIDECAR_REDIS_URL").getValueFrom().getSecretKeyRef();
        assertThat(reference.getName() + " " + reference.getKey()).isEqualTo("mine url");
    }

    @Test
    void twoFleetsOfANamespaceCanHaveTwoNames() throws Exception {
        assertThat(environment(deployment("fleet: {enabled: true, name: batch, replicas: 2}"), "SIDECAR_FLEET")
                .getValue()).isEqualTo("batch");
        assertThat(deployment("fleet: {enabled: true, replicas: 2}").getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment("fleet: {replicas: 2}").getSpec().getReplicas()).as("no fleet").isEqualTo(1);
    }

    @Test
    void routeFilesOfYourOwnStandBesideTheShippedOnesOrInTheirPlace() throws Exception {
        var shipped = configMap("nvidia-sidecar-routes", objects(""));
        var routes = configMap("nvidia-sidecar-routes", objects("""
                routes: {files: {mine.camel.yaml: one, proxy.camel.yaml: two, dashboard.camel.yaml: ""}}
                """));

        assertThat(routes).containsEntry("mine.camel.yaml", "one").containsEntry("proxy.camel.yaml", "two")
                .containsEntry("upstream.camel.yaml", shipped.get("upstream.camel.yaml"))
                .doesNotContainKey("dashboard.camel.yaml").hasSameSizeAs(shipped);
    }

    @Test
    void theRoutesOfTheImageAreUsedWhereThereIsNoConfigMap() throws Exception {
        var objects = objects("routes: {create: false}");

        assertThat(objects.stream().map(object -> object.getMetadata().getName())).doesNotContain(
                "nvidia-sidecar-routes");
        assertThat(only(Deployment.class, objects).getSpec().getTemplate().getSpec().getVolumes())
                .noneMatch(volume -> volume.getName().equals("routes"));
        assertThat(deployment("routes: {create: false, existingConfigMap: mine}").getSpec().getTemplate().getSpec()
                .getVolumes()).anyMatch(
                        volume -> volume.getConfigMap() != null
                                && volume.getConfigMap().getName().equals("mine"));
    }

    @Test
    void theFileOfClientsIsMountedWhereThereIsOne() throws Exception {
        assertThat(objects("").stream().map(object -> object.getMetadata().getName())).doesNotContain(
                "nvidia-sidecar-clients");
        var file = "clients:\n  - name: a\n";
        var objects = objects("clients: {file: \"clients:\\n  - name: a\\n\"}");
        assertThat(configMap("nvidia-sidecar-clients", objects)).isEqualTo(Map.of("sidecar.yaml", file));
        for (var values : List.of("clients: {file: 'clients: []'}", "clients: {existingConfigMap: mine}")) {
            var pod = deployment(values).getSpec().getTemplate().getSpec();
            assertThat(pod.getContainers().getFirst().getEnv()).anyMatch(variable -> variable.getName().equals(
                    "SIDECAR_CONFIG") && variable.getValue().equals("/etc/nvidia-sidecar/sidecar.yaml"));
            assertThat(pod.getContainers().getFirst().getVolumeMounts()).anyMatch(
                    mount -> mount.getName().equals("clients")
                            && mount.getMountPath().equals("/etc/nvidia-sidecar"));
            assertThat(pod.getVolumes()).anyMatch(
                    volume -> volume.getConfigMap() != null && volume.getConfigMap().getName().equals(
                            values.contains("mine") ? "mine" : "nvidia-sidecar-clients"));
        }
        assertThat(deployment("clients: {file: 'clients: []'}")).as("no new pod").isEqualTo(
                deployment("clients: {file: 'clients: [{name: a}]'}"));
    }

    /** Kubernetes lets everybody in where the list of peers is empty. */
    @Test
    void anEmptyListOfPeersLetsNobodyIn() throws Exception {
        var policy = only(NetworkPolicy.class, objects("networkPolicy: {proxyFrom: [], managementFrom: []}"));

        assertThat(policy.getSpec().getPolicyTypes()).contains("Ingress");
        assertThat(policy.getSpec().getIngress()).isEmpty();
        assertThat(helm.notes("networkPolicy: {proxyFrom: []}")).contains("no program may use the proxy");
    }

    @Test
    void theRuleHasTheShippedAlertsAndRecordedSeries() throws Exception {
        var rule = maps(helm.template("prometheusRule: {enabled: true}")).stream()
                .filter(object -> "PrometheusRule".equals(object.get("kind"))).findFirst().orElseThrow();
        var shipped = new ArrayList<Object>();
        for (var file : List.of("recording-rules.yaml", "alerts.yaml")) {
            Map<String, List<?>> groups = new Yaml().load(Files.readString(Path.of("deploy/prometheus", file)));
            shipped.addAll(groups.get("groups"));
        }

        assertThat(rule.get("spec")).isEqualTo(Map.of("groups", shipped));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "replicas: 2 | replicas",
            "image: {tga: '1'} | tga",
            "settings: {SIDECAR_API_KEY: nvapi-1} | SIDECAR_API_KEY",
            "settings: {SIDECAR_PORT: 80} | SIDECAR_PORT",
            "settings: {SIDECAR_REDIS_URL: 'redis://redis:6379'} | SIDECAR_REDIS_URL",
            "settings: {SIDECAR_REPLICA_ID: a} | SIDECAR_REPLICA_ID",
            "fleet: {enabled: true, name: a b} | name",
            "{fleet: {enabled: true}, secret: {create: true, apiKey: a}} | secret.redisUrl must be set",
            "settings: {rate_rpm: 80} | rate_rpm",
            "settings: {SIDECAR_RATE_RPM: 0.5} | SIDECAR_RATE_RPM",
            "secret: {create: true} | secret.apiKey must be set",
            "routes: {files: {proxy.yaml: x}} | proxy.yaml",
            "extraVolumes: [{configMap: {name: x}}] | extraVolumes",
            "terminationGracePeriodSeconds: 35 | more than 5 above SIDECAR_SHUTDOWN_GRACE, which is 30",
            "networkPolicy: {proxyFrom: [{}]} | proxyFrom"})
    void aValueThatCannotBeMeantIsRefused(String values, String reason) {
        assertThatThrownBy(() -> helm.template(values)).isInstanceOf(HelmProcess.RefusedException.class)
                .hasMessageContaining(reason);
    }

    // ---- helpers ----

    private static List<HasMetadata> objects(String values) throws Exception {
        return KubernetesObjects.parse(helm.template(values));
    }

    private static Deployment deployment(String values) throws Exception {
        return only(Deployment.class, objects(values));
    }

    private static EnvVar environment(Deployment deployment, String name) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .filter(each -> each.getName().equals(name)).findFirst().orElseThrow();
    }

    private static Map<String, String> configMap(String name, List<HasMetadata> objects) {
        return objects.stream().filter(ConfigMap.class::isInstance).map(ConfigMap.class::cast)
                .filter(map -> map.getMetadata().getName().equals(name)).findFirst().orElseThrow().getData();
    }

    private static <T> T only(Class<T> kind, List<HasMetadata> objects) {
        var found = objects.stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    @SuppressWarnings("unchecked") // manifests are objects whose keys are texts
    private static List<Map<String, Object>> maps(String yaml) {
        return StreamSupport.stream(new Yaml().loadAll(yaml).spliterator(), false)
                .map(object -> (Map<String, Object>) object).toList();
    }
}
