package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Failures in words, which repeat nothing of a message. */
class ReasonTest {

    private static String words(Throwable cause) {
        return Reason.inWords(new CompletionException(new RedisConnectionException("to secret", cause)));
    }

    @Test
    void eachFailureHasWordsOfItsOwn() {
        assertThat(words(new UnknownHostException("secret"))).isEqualTo("unknown host");
        assertThat(words(new ConnectException("secret"))).isEqualTo("connection refused");
        assertThat(words(new ConnectTimeoutException("secret"))).isEqualTo("no answer in time");
        assertThat(words(new TimeoutException("secret"))).isEqualTo("no answer in time");
        assertThat(words(new ClosedChannelException())).isEqualTo("connection closed");
        assertThat(words(new IOException("secret"))).isEqualTo("connection closed");
        assertThat(words(new SSLException("secret"))).isEqualTo("TLS failed");
        assertThat(words(new SSLException("secret", new CertificateException("secret"))))
                .isEqualTo("TLS: the certificate of the server is not trusted");
    }

    @Test
    void whatIsUnknownHasTheNameOfItsClass() {
        assertThat(Reason.inWords(new IllegalStateException("secret"))).isEqualTo("failed: IllegalStateException");
    }

    @Test
    void ofAReplyOnlyTheCodeIsShown() {
        assertThat(words(new RedisCommandExecutionException("WRONGPASS secret")))
                .isEqualTo("Redis says WRONGPASS: user or password is wrong");
        assertThat(words(new RedisCommandExecutionException("ERR unknown command 'HELLO', with args: 'secret'")))
                .isEqualTo("Redis says ERR");
    }

    @Test
    void onlyAReplyHasACode() {
        assertThat(Reason.code(new CompletionException(new RedisCommandExecutionException("NOSCRIPT No such"))))
                .isEqualTo("NOSCRIPT");
        assertThat(Reason.code(new RedisCommandExecutionException("secret"))).isEmpty();
        assertThat(Reason.code(new IOException("NOSCRIPT"))).isEmpty();
    }
}
