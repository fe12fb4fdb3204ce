package dev.sidecar;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The program: a Spring Boot application whose Camel routes are the proxy. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class SidecarApplication {

    public static void main(String[] args) {
        if (CheckRoutes.isAskedFor(args)) {
            System.exit(CheckRoutes.run(args));
        } else if (ProvingApplication.isAskedFor(args)) {
            ProvingApplication.main(args);
        } else {
            start(args);
        }
    }

    private static void start(String[] args) {
        SecondSignal.endsAtOnce();
        try {
            SpringApplication.run(SidecarApplication.class, args);
        } catch (RuntimeException e) {
            // Why has been reported. Threads that were started before must not keep half a program alive, which a service
            // manager would take for a running one.
            System.exit(1);
        }
    }
}
