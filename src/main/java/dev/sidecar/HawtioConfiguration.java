package dev.sidecar;

import io.hawt.springboot.EndpointPathResolver;
import io.hawt.springboot.HawtioEndpoint;
import io.hawt.springboot.HawtioManagementConfiguration;
import io.hawt.springboot.HawtioProperties;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletPath;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/**
 * Hawtio's pages, as its own auto-configurations would set them up, with our settings. One of those has a private class in the
 * signature of a bean, and both need proxies of themselves, for which Spring generates no code at build time that could be
 * compiled by itself.
 */
@Lazy // made with the management server
@Configuration(proxyBeanMethods = false)
class HawtioConfiguration extends HawtioManagementConfiguration {

    HawtioConfiguration(EndpointPathResolver paths) {
        super(paths);
    }

    @Bean
    static HawtioEndpoint hawtioEndpoint(EndpointPathResolver paths) {
        return new HawtioEndpoint(paths);
    }

    @Bean
    static EndpointPathResolver hawtioEndpointPathResolver(WebEndpointProperties endpoints, ServerProperties server,
            ManagementServerProperties management, DispatcherServletPath dispatcherServlet) {
        return new EndpointPathResolver(endpoints, server, management, dispatcherServlet);
    }

    @Bean
    static HawtioProperties hawtioProperties() {
        return new HawtioProperties(Map.of(
                // admin.ManagementGuard has let in who gets that far.
                "authenticationEnabled", "false",
                // No connections from here to other programs.
                "disableProxy", "true"));
    }
}
