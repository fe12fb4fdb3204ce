package dev.sidecar;

import dev.sidecar.boot.CheckConfig;
import dev.sidecar.boot.CheckRoutes;
import dev.sidecar.boot.CommandLine;
import dev.sidecar.boot.Manual;
import dev.sidecar.boot.NewClientKey;
import dev.sidecar.boot.ProvingApplication;
import dev.sidecar.boot.SecondSignal;
import dev.sidecar.boot.faststart.AutoConfigurations;
import dev.sidecar.boot.faststart.ProxyFirstContext;
import java.security.SecureRandom;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;

/**
 * The program: a Spring Boot application whose Camel routes are the proxy. Which auto-configurations it uses is said by
 * {@link AutoConfigurations}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ComponentScan(excludeFilters = @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
@ConfigurationPropertiesScan
public class SidecarApplication {

    private static final int MISUSED = 2;

    public static void main(String[] args) {
        switch (CommandLine.of(Manual::settings, args)) {
            case CommandLine.Start start -> start(start.settings());
            case CommandLine.CheckRoutes check -> System.exit(CheckRoutes.run(check, SidecarApplication.class));
            case CommandLine.CheckConfig check -> System.exit(CheckConfig.run(check));
            case CommandLine.NewClientKey _ -> System.out.println(NewClientKey.text(new SecureRandom()));
            case CommandLine.Proving proving -> System.exit(ProvingApplication.run(proving));
            case CommandLine.Help _ -> System.out.println(Manual.help());
            case CommandLine.Version _ -> System.out.println(Manual.version());
            case CommandLine.Misuse misuse -> {
                System.err.println("nvidia-sidecar: " + misuse.complaint());
                System.exit(MISUSED);
            }
        }
    }

    /** Ready to run, here or in a test. */
    public static SpringApplication application() {
        var application = new SpringApplication(SidecarApplication.class);
        application.setApplicationContextFactory(type -> new ProxyFirstContext());
        // What only the management server needs is made with it; what is made at the start says ProgramConfiguration.
        application.setLazyInitialization(true);
        return application;
    }

    private static void start(List<String> settings) {
        SecondSignal.endsAtOnce();
        try {
            application().run(settings.toArray(String[]::new));
        } catch (SpringApplication.AbandonedRunException e) {
            throw e; // as the build does, which only wants to know the beans
        } catch (RuntimeException e) {
            // Why has been reported. Threads that were started before must not keep half a program alive, which a service
            // manager would take for a running one.
            System.exit(1);
        }
    }
}
