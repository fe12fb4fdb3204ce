package dev.sidecar.boot;

import io.hawt.springboot.EndpointPathResolver;
import io.hawt.springboot.HawtioEndpoint;
import io.hawt.springboot.HawtioManagementConfiguration;
import io.hawt.springboot.HawtioPlugin;
import io.hawt.springboot.HawtioProperties;
import io.hawt.web.proxy.ProxyServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletPath;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

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

    /** What the sidecar changes in Hawtio: which of its plug-ins are shown, and what is shown first. */
    @Bean
    static HawtioPlugin requestFlowPlugin() {
        var plugin = new HawtioPlugin("sidecar", "./plugin", "/hawtio/js");
        plugin.setRemoteEntryFileName("sidecar.js");
        plugin.setBustRemoteEntryCache(false);
        return plugin;
    }

    @Bean
    static WebMvcConfigurer hawtioFiles() {
        return new WebMvcConfigurer() {
            @Override
            public void addResourceHandlers(ResourceHandlerRegistry registry) {
                registry.addResourceHandler("/hawtio/*.json", "/hawtio/js/*.js", "/hawtio/css/*.css")
                        .addResourceLocations("classpath:/hawtio/console/").setCacheControl(CacheControl.noCache());
            }
        };
    }

    /** Tells Hawtio's pages that they cannot connect to other programs, so that they offer no page for that. */
    @Bean
    static ServletRegistrationBean<HttpServlet> noConnections() {
        var servlet = new ServletRegistrationBean<HttpServlet>(new NoConnections(), "/hawtio/proxy/*");
        servlet.setName("noConnections");
        return servlet;
    }

    @SuppressWarnings("serial") // nobody does
    private static final class NoConnections extends HttpServlet {

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if ("/enabled".equals(request.getPathInfo())) {
                response.setContentType("text/plain");
                response.getWriter().print(false);
            } else {
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
            }
        }
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
