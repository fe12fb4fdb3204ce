package dev.sidecar.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ways of disturbing a connection do to it. */
class TcpForwarderTest {

    private static final int A_MOMENT = 50;

    private ServerSocket target;
    private TcpForwarder way;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        target = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        way = TcpForwarder.to(target.getLocalPort());
        client = new Socket(InetAddress.getLoopbackAddress(), way.port());
        server = target.accept();
    }

    @AfterEach
    void end() throws IOException {
        way.close();
        client.close();
        server.close();
        target.close();
    }

    @Test
    void bytesPassInBothDirections() throws IOException {
        assertPasses(client, server);
        assertPasses(server, client);
    }

    @Test
    void whatIsHeldArrivesWhenTheWayIsRestored() throws IOException {
        way.hold();
        client.getOutputStream().write(1);
        server.getOutputStream().write(2);
        assertSilent(server);
        assertSilent(client);

        way.restore();

        assertThat(server.getInputStream().read()).isEqualTo(1);
        assertThat(client.getInputStream().read()).isEqualTo(2);
        assertPasses(client, server);
    }

    @Test
    void oneDirectionCanBeHeldAlone() throws IOException {
        way.holdFromTarget();
        assertPasses(client, server);
        server.getOutputStream().write(2);
        assertSilent(client);
    }

    @Test
    void whatIsCutEndsAndSoDoesEachNewConnectionUntilTheWayIsRestored() throws IOException {
        way.cut();
        assertThat(client.getInputStream().read()).isNegative();
        assertThat(server.getInputStream().read()).isNegative();
        try (var another = new Socket(InetAddress.getLoopbackAddress(), way.port())) {
            assertThat(another.getInputStream().read()).isNegative();
        }

        way.restore();

        try (var another = new Socket(InetAddress.getLoopbackAddress(), way.port()); var end = target.accept()) {
            assertPasses(another, end);
        }
    }

    @Test
    void whatIsSilencedStaysSilent() throws IOException {
        way.silence();
        client.getOutputStream().write(1);
        assertSilent(server);

        way.restore();

        client.getOutputStream().write(1);
        assertSilent(server);
    }

    @Test
    void aTargetThatIsAwayForAWhileIsFoundAgain() throws IOException {
        var port = target.getLocalPort();
        target.close();
        try (var refused = new Socket(InetAddress.getLoopbackAddress(), way.port())) {
            assertThat(refused.getInputStream().read()).isNegative();
        }
        target = new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
        try (var another = new Socket(InetAddress.getLoopbackAddress(), way.port()); var end = target.accept()) {
            assertPasses(another, end);
        }
    }

    private static void assertPasses(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(7);
        assertThat(to.getInputStream().read()).isEqualTo(7);
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(A_MOMENT);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(0);
    }
}
