package dev.sidecar.testkit;

import java.io.IOException;
import java.net.Socket;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the fake provider. The thread that reads requests keeps reading while another answers, so that it
 * notices at once when the client closes the connection.
 */
final class FakeConnection implements Runnable {

    private final Socket socket;
    private final int id;
    private final Function<RecordedRequest, Answer> script;
    private final Ledger ledger;
    private volatile boolean closedHere;
    private volatile @Nullable Exchange current;

    FakeConnection(Socket socket, int id, Function<RecordedRequest, Answer> script, Ledger ledger) {
        this.socket = socket;
        this.id = id;
        this.script = script;
        this.ledger = ledger;
    }

    @Override
    public void run() {
        try (socket) {
            serve();
        } catch (IOException notClosed) {
            ledger.problem("connection " + id + " did not close: " + notClosed);
        }
    }

    private void serve() {
        try {
            socket.setTcpNoDelay(true);
            WireReader reader = new WireReader(socket.getInputStream(), socket.getOutputStream(), id);
            while (reader.hasMore()) {
                RecordedRequest request = reader.read();
                Exchange exchange = new Exchange(request, ledger::end);
                current = exchange;
                ledger.begin(exchange);
                Thread answering = Thread.ofVirtual().start(() -> answer(exchange));
                watch(reader, exchange);
                answering.join();
            }
        } catch (IOException | RuntimeException broken) {
            if (!closedHere) {
                ledger.problem("connection " + id + ": " + broken);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the client sends more or has closed the connection. */
    private void watch(WireReader reader, Exchange exchange) {
        if (!reader.hasMore() && !closedHere && exchange.closedByClient()) {
            recordAbort(exchange);
        }
    }

    private void answer(Exchange exchange) {
        boolean reusable = false;
        try {
            RecordedRequest request = exchange.request();
            reusable = new WireWriter(socket, exchange).write(script.apply(request)) && !request.says("Connection",
                    "close") && request.version().equals("HTTP/1.1");
        } catch (IOException notWritten) {
            if (!closedHere && exchange.brokenOff()) {
                recordAbort(exchange);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error scripted) {
            ledger.problem("script failed on " + exchange.request() + ": " + scripted);
        } finally {
            exchange.ended();
            if (!reusable) {
                close();
            }
        }
    }

    private void recordAbort(Exchange exchange) {
        Exchange.Abort abort = exchange.abort();
        if (abort != null) {
            ledger.aborted(abort);
        }
    }

    /** Closes the connection from the provider's side, which is nobody's abort. */
    void close() {
        closedHere = true;
        Exchange exchange = current;
        if (exchange != null) {
            exchange.release();
        }
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            ledger.problem("connection " + id + " did not close: " + alreadyGone);
        }
    }
}
