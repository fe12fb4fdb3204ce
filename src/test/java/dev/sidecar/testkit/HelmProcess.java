package dev.sidecar.testkit;

import com.marcnuri.helm.Helm;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Helm, in a child process. Helm is written in Go, and Go's runtime takes the place of the signal handlers of the JVM that
 * loads it; so no JVM with other tests loads it. Not thread-safe.
 */
public final class HelmProcess implements AutoCloseable {

    /** The release and the namespace that charts are rendered for. */
    public static final String RELEASE = "nvidia-sidecar";
    public static final String NAMESPACE = "llm";

    /** Without a cluster Helm takes an old version for granted. */
    private static final String KUBERNETES = "1.31.0";
    private static final String DONE = "done";
    private static final String REFUSED = "refused";

    /** Helm refuses chart or values; the message says why. */
    public static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private RefusedException(String message) {
            super(message);
        }
    }

    private final Path folder;
    private final Process process;
    private final BufferedWriter orders;
    private final BufferedReader replies;
    private int count;

    private HelmProcess(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
        this.orders = process.outputWriter();
        this.replies = process.inputReader();
    }

    /** @param folder for its files */
    public static HelmProcess start(Path chart, Path folder) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var builder = new ProcessBuilder(java.toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                HelmProcess.class.getName(), chart.toAbsolutePath().toString());
        builder.redirectError(folder.resolve("helm.log").toFile());
        // No cluster is asked, whatever this machine is set up for.
        builder.environment().put("KUBECONFIG", "/dev/null");
        return new HelmProcess(folder, builder.start());
    }

    /** The manifests, as YAML documents. */
    public String template(String values) throws IOException, RefusedException {
        return ask("template", values);
    }

    /** What is said to who installs the chart. */
    public String notes(String values) throws IOException, RefusedException {
        return ask("notes", values);
    }

    /** What is not as it should be, one finding a line. */
    public String lint() throws IOException, RefusedException {
        return ask("lint", "");
    }

    private String ask(String order, String values) throws IOException, RefusedException {
        var question = Files.writeString(folder.resolve(count + "-values.yaml"), values);
        var result = folder.resolve(count++ + "-result.yaml");
        orders.write(order + "\n" + question + "\n" + result + "\n");
        orders.flush();
        var reply = replies.readLine();
        if (DONE.equals(reply)) {
            return Files.readString(result);
        }
        if (REFUSED.equals(reply)) {
            throw new RefusedException(Files.readString(result));
        }
        throw new IOException("Helm ended: " + Files.readString(folder.resolve("helm.log")));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The child process. It reads orders from standard input: what to do, a file of values, a file for the result. */
    public static void main(String[] arguments) throws IOException {
        var helm = new Helm(Path.of(arguments[0]));
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var order = orders.readLine(); order != null; order = orders.readLine()) {
            var values = Path.of(orders.readLine());
            var result = Path.of(orders.readLine());
            System.out.println(carryOut(helm, order, values, result));
        }
    }

    private static String carryOut(Helm helm, String order, Path values, Path result) throws IOException {
        try {
            Files.writeString(result, switch (order) {
                case "template" -> helm.template().withKubeVersion(KUBERNETES).withName(RELEASE)
                        .withNamespace(NAMESPACE).withValuesFile(values).call();
                case "notes" -> helm.install().clientOnly().dryRun().withKubeVersion(KUBERNETES).withName(RELEASE)
                        .withNamespace(NAMESPACE).withValuesFile(values).call().getOutput();
                case "lint" -> String.join("\n", helm.lint().strict().quiet().call().getMessages());
                default -> throw new IllegalArgumentException(order);
            });
            return DONE;
        } catch (IllegalStateException refused) {
            Files.writeString(result, String.valueOf(refused.getMessage()));
            return REFUSED;
        }
    }
}
