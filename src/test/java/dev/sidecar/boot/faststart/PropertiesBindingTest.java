package dev.sidecar.boot.faststart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.testkit.Sidecar;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.context.ApplicationContext;

/** Settings are bound to those beans only whose names tell that they have any: see {@link PropertiesBinding}. */
@Isolated("starts a sidecar, whose log levels are those of the whole process")
class PropertiesBindingTest {

    @Test
    void every_bean_with_settings_is_named_after_their_prefix_and_its_class() {
        var contexts = new ArrayList<ApplicationContext>();
        try (var sidecar = Sidecar.inFrontOf("http://127.0.0.1:9/v1", contexts::add, "server.tomcat.threads.max=7")) {
            var context = contexts.getFirst();
            assertThat(context.getBeansOfType(PropertiesBinding.class)).hasSize(1);

            var withSettings = ConfigurationPropertiesBean.getAll(context);

            assertThat(withSettings).isNotEmpty().allSatisfy((name, bean) -> assertThat(name)
                    .isEqualTo(bean.getAnnotation().prefix() + "-" + bean.getInstance().getClass().getName()));
            assertThat(withSettings.values()).map(ConfigurationPropertiesBean::getInstance)
                    .hasAtLeastOneElementOfType(SidecarProperties.class);
            assertThat(sidecar.bean(ServerProperties.class).getTomcat().getThreads().getMax()).isEqualTo(7);
        }
    }
}
