package dev.sidecar.boot;

import io.hawt.springboot.EndpointPathResolver;
import io.hawt.springboot.HawtioEndpoint;
import io.hawt.springboot.HawtioManagementConfiguration;
import io.hawt.springboot.HawtioProperties;
import io.hawt.web.proxy.ProxyServlet;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletPath;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
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
                "authenticationEnabled", "false", "authenticationThrottled", "false",
                // No connections from here to other programs.
                "disableProxy", "true"));
    }

    /** None, instead of one that would refuse everybody, for want of an HTTP client too. */
    @Override
    public ServletRegistrationBean<ProxyServlet> jolokiaProxyServlet() {
        var none = new ServletRegistrationBean<ProxyServlet>() {
            @Override
            protected String getDescription() {
                return "no proxy";
            }
        };
        none.setEnabled(false);
        return none;
    }
}
