package dev.sidecar.fleet.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Why there is no connection, in words for the log. Never the message of an exception: it may repeat what was sent, and a
 * password with it. Stateless.
 */
final class Reason {

    static final String NO_ANSWER = "no answer in time";
    static final String LOST = "connection closed";

    private static final Pattern CODE = Pattern.compile("^([A-Z]{2,20})\\b");
    private static final Map<String, String> KNOWN = Map.of("WRONGPASS", "user or password is wrong", "NOAUTH",
            "a password is required", "NOPERM", "the user may not do what is needed", "READONLY",
            "this is a replica of Redis and not its primary", "LOADING", "it still loads its data", "MOVED",
            "the keys are on another node of a cluster", "NOREPLICAS", "it has too few replicas for a write", "OOM",
            "its memory is full", "MISCONF", "it cannot write to its disk");

    private Reason() {
    }

    static String inWords(Throwable failure) {
        return causes(failure).map(Reason::ofOne).filter(words -> !words.isEmpty()).findFirst()
                .orElse("failed: " + failure.getClass().getSimpleName());
    }

    /** The code with which an error reply of Redis begins, such as NOAUTH; "" if the failure is no such reply. */
    static String code(Throwable failure) {
        return causes(failure).filter(RedisCommandExecutionException.class::isInstance)
                .map(reply -> CODE.matcher(String.valueOf(reply.getMessage()))).filter(Matcher::find)
                .map(code -> code.group(1)).findFirst().orElse("");
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, each -> each != null, Throwable::getCause);
    }

    private static String ofOne(Throwable failure) {
        return switch (failure) {
            case RedisCommandExecutionException reply -> ofReply(code(reply));
            case RedisCommandTimeoutException _,TimeoutException _,ConnectTimeoutException _ -> NO_ANSWER;
            case UnknownHostException _ -> "unknown host";
            case ConnectException _ -> "connection refused";
            case CertificateException _ -> "TLS: the certificate of the server is not trusted";
            case SSLException e when e.getCause() == null -> "TLS failed";
            case SSLException _ -> "";
            case IOException _ -> LOST;
            default -> "";
        };
    }

    private static String ofReply(String code) {
        return "Redis says " + code + (KNOWN.containsKey(code) ? ": " + KNOWN.get(code) : "");
    }
}
