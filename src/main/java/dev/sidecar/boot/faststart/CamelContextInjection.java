package dev.sidecar.boot.faststart;

import org.apache.camel.spring.spi.CamelBeanPostProcessor;

/**
 * Camel's injection into beans, which only gives the Camel context to those that are aware of one. It would read all fields and
 * methods of every bean for annotations such as {@code @Produce}, which nothing has.
 */
public final class CamelContextInjection extends CamelBeanPostProcessor {

    CamelContextInjection() {
        setEnabled(false);
    }
}
