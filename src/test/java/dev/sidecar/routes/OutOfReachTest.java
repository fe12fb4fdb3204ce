package dev.sidecar.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a route can name is what is on the class path: nothing there reaches files, processes or other machines but by HTTP,
 * or runs scripts. The build refuses dependencies that would bring it.
 */
class OutOfReachTest {

    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();

    @AfterAll
    static void close() throws Exception {
        CAMEL.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "ftp", "ftps", "sftp", "scp", "exec", "docker", "ssh", "smb", "mina-sftp", "sql",
            "jdbc", "smtp", "kubernetes-pods", "git", "ldap", "jmx", "quartz"})
    void thereIsNoSuchComponent(String name) {
        assertThat(CAMEL.getComponent(name, true, false)).isNull();
    }

    @Test
    void thereAreThoseThatTheRoutesName() {
        for (var name : new String[]{"platform-http", "direct", "seda", "http", "https", "micrometer", "log",
                "timer"}) {
            assertThat(CAMEL.getComponent(name, true, false)).as(name).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"groovy", "js", "python", "joor", "java", "mvel", "ognl", "jq", "wasm", "datasonnet"})
    void thereIsNoSuchLanguage(String name) {
        assertThatThrownBy(() -> CAMEL.resolveLanguage(name)).isInstanceOf(NoSuchLanguageException.class);
    }

    @Test
    void thereAreThoseLanguagesThatTheRoutesSpeak() {
        for (var name : new String[]{"simple", "constant", "header", "exchangeProperty"}) {
            assertThat(CAMEL.resolveLanguage(name)).as(name).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.apache.camel.component.file.FileComponent",
            "org.apache.camel.component.exec.ExecComponent",
            "groovy.lang.GroovyShell", "org.graalvm.polyglot.Context", "org.python.util.PythonInterpreter"})
    void thereIsNoSuchClass(String name) {
        assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
    }
}
