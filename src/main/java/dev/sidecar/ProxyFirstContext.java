package dev.sidecar;

import java.io.IOException;
import java.net.ServerSocket;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/**
 * Serves the proxy first: the management server, with all that only it needs, is made when {@link #startManagement} is
 * called, which is after the first requests can have been forwarded. Takes a third off the start.
 */
final class ProxyFirstContext extends ServletWebServerApplicationContext {

    private static final String RESOURCES = "mvcResourceUrlProvider";

    ProxyFirstContext() {
        addBeanFactoryPostProcessor(ProxyFirstContext::withoutResources);
    }

    /** At the end of a refresh Spring MVC looks for static resources, of which there are none, and for that needs a server. */
    private static void withoutResources(ConfigurableListableBeanFactory beans) {
        if (beans instanceof BeanDefinitionRegistry definitions && definitions.containsBeanDefinition(RESOURCES)) {
            definitions.removeBeanDefinition(RESOURCES);
        }
        beans.registerResolvableDependency(ResourceUrlProvider.class, new ResourceUrlProvider());
    }

    /** Here the web server would be made. That its port is taken is said now, before requests are served. */
    @Override
    protected void onRefresh() {
        var settings = getBean(ServerProperties.class);
        int port = settings.getPort();
        try (var probe = new ServerSocket(port, 1, settings.getAddress())) {
            assert probe.isBound();
        } catch (IOException e) {
            PortInUseException.throwIfPortBindingException(e, () -> port);
        }
    }

    /** To be called once, after the refresh; fails as that would. */
    void startManagement() {
        super.onRefresh();
        start(); // what runs already stays as it is
    }
}
