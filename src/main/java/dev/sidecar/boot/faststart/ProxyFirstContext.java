package dev.sidecar.boot.faststart;

import dev.sidecar.config.SidecarProperties;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindingPostProcessor;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/**
 * Serves the proxy first: the management server, with all that only it needs, is made when {@link #startManagement} is
 * called, which is after the first requests can have been forwarded. Takes a third off the start.
 */
public final class ProxyFirstContext extends ServletWebServerApplicationContext {

    /** At the end of a refresh Spring MVC looks for static resources. There are none, and the search needs a server. */
    private static final String RESOURCES = "mvcResourceUrlProvider";
    /**
     * Without it the management server has platform threads: who asks for metrics without a pause then competes with the proxy
     * as the operating system sees fit. Virtual threads all wait for the same carriers, and one kept busy serves nobody else.
     */
    private static final String VIRTUAL_THREADS = "tomcatVirtualThreadsProtocolHandlerCustomizer";

    public ProxyFirstContext() {
        addBeanFactoryPostProcessor(ProxyFirstContext::withLess);
    }

    private static void withLess(ConfigurableListableBeanFactory beans) {
        if (beans instanceof BeanDefinitionRegistry definitions) {
            Stream.of(RESOURCES, VIRTUAL_THREADS)
                    .filter(definitions::containsBeanDefinition)
                    .forEach(definitions::removeBeanDefinition);
        }
        beans.registerResolvableDependency(ResourceUrlProvider.class, new ResourceUrlProvider());
    }

    /** Here the web server would be made. That its port is taken is said now, before requests are served. */
    @Override
    protected void onRefresh() {
        getBean(SidecarProperties.class); // says in one line what is wrong with host and port
        int port = getEnvironment().getRequiredProperty("server.port", Integer.class);
        var host = getEnvironment().getRequiredProperty("server.address");
        try (var probe = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            assert probe.isBound();
        } catch (UnknownHostException e) {
            getBean(ServerProperties.class); // as does this
        } catch (IOException e) {
            PortInUseException.throwIfPortBindingException(e, () -> port);
        }
    }

    /** To be called once, after the refresh; fails as that would. */
    public void startManagement() {
        super.onRefresh();
        start(); // what runs already stays as it is
    }
}
