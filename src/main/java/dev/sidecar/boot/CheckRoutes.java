package dev.sidecar.boot;

import dev.sidecar.reload.RouteGenerations;
import dev.sidecar.files.FileProblem;
import dev.sidecar.reload.RouteProblemsException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;

/**
 * {@code java -jar nvidia-sidecar.jar --check-routes DIR}: whether a folder of routes could be put in force, by the same
 * checks, without listening anywhere and without needing a key. Every problem is a line on standard error,
 * {@code file:line:column: reason}.
 */
public final class CheckRoutes {

    /** Under this profile nothing is put in force, and nothing listens. */
    static final String PROFILE = "check-routes";

    private static final int GOOD = 0;
    private static final int REFUSED = 1;

    private CheckRoutes() {
    }

    /**
     * @param program whose routes are checked
     * @return the process's exit status
     */
    public static int run(CommandLine.CheckRoutes asked, Class<?> program) {
        // Else Java warns of Netty's use of it, beside what there is to say.
        System.setProperty("io.netty.noUnsafe", "true");
        var application = new SpringApplication(program);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setAdditionalProfiles(PROFILE);
        application.setDefaultProperties(Map.of("sidecar.api-key", "none-needed-here"));
        var settings = new LinkedHashMap<String, String>();
        settings.put("sidecar.routes-dir", asked.folder());
        settings.put("sidecar.log-level", "ERROR");
        settings.put("logging.level.org.springframework.context", "ERROR"); // a wrong setting is one line
        settings.put("spring.jmx.enabled", "false");
        settings.put("camel.main.jmx-enabled", "false");
        var arguments = Stream.concat(asked.settings().stream(), settings.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()));
        try (var context = application.run(arguments.toArray(String[]::new))) {
            context.getBean(RouteGenerations.class).check();
            System.out.println(asked.folder() + ": good");
            return GOOD;
        } catch (RouteProblemsException e) {
            e.problems().stream().map(FileProblem::toString).forEach(System.err::println);
            return REFUSED;
        } catch (RuntimeException e) {
            return REFUSED; // why has been reported
        }
    }
}
