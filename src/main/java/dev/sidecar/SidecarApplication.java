package dev.sidecar;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The program: a Spring Boot application whose Camel routes are the proxy. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class SidecarApplication {

    public static void main(String[] args) {
        if (ProvingApplication.isAskedFor(args)) {
            ProvingApplication.main(args);
        } else {
            SpringApplication.run(SidecarApplication.class, args);
        }
    }
}
