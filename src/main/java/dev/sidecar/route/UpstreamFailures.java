package dev.sidecar.route;

import dev.sidecar.upstream.NoResponseException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;

/** What kind of failure kept a response from coming. Stateless. */
final class UpstreamFailures {

    private UpstreamFailures() {
    }

    /** In words that reveal no address. */
    static String inWords(IOException failure) {
        return switch (failure instanceof NoResponseException none ? none.failure() : failure) {
            case ConnectTimeoutException unreachable -> "no connection in time";
            case SocketTimeoutException silent -> "no response in time";
            case ConnectException refused -> "connection refused";
            case UnknownHostException unknown -> "its name could not be resolved";
            case NoRouteToHostException unreachable -> "no route to it";
            case SSLException tls -> "TLS failed";
            case SocketException reset -> "connection reset";
            default -> "connection failed";
        };
    }

    /** As the network says it, in one line. What a parser says may quote the response, and stays outside. */
    static String forTheLog(IOException failure) {
        var what = failure instanceof NoResponseException none ? none.failure() : failure;
        return switch (what) {
            case SocketException network -> network.toString();
            case UnknownHostException unknown -> unknown.toString();
            case SSLException tls -> tls.toString();
            default -> what.getClass().getName();
        };
    }
}
