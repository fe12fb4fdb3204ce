package dev.sidecar;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.AnnotationConfigUtils;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/**
 * Serves the proxy first: the management server, with all that only it needs, is made when {@link #startManagement} is
 * called, which is after the first requests can have been forwarded. Takes a third off the start.
 */
final class ProxyFirstContext extends ServletWebServerApplicationContext {

    /** At the end of a refresh Spring MVC looks for static resources, of which there are none, and for that needs a server. */
    private static final String RESOURCES = "mvcResourceUrlProvider";
    /** Reads the annotations of every bean for {@code @EventListener}, which nothing has: listeners implement the interface. */
    private static final String EVENT_LISTENERS = AnnotationConfigUtils.EVENT_LISTENER_PROCESSOR_BEAN_NAME;
    /**
     * Without it the management server has platform threads: who asks for metrics without a pause then competes with the proxy
     * as the operating system sees fit. Virtual threads all wait for the same carriers, and one kept busy serves nobody else.
     */
    private static final String VIRTUAL_THREADS = "tomcatVirtualThreadsProtocolHandlerCustomizer";

    ProxyFirstContext() {
        addBeanFactoryPostProcessor(ProxyFirstContext::withoutWhatIsNotUsed);
    }

    private static void withoutWhatIsNotUsed(ConfigurableListableBeanFactory beans) {
        if (beans instanceof BeanDefinitionRegistry definitions) {
            Stream.of(RESOURCES, EVENT_LISTENERS, VIRTUAL_THREADS).filter(definitions::containsBeanDefinition)
                    .forEach(definitions::removeBeanDefinition);
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
