package dev.sidecar.reload;

import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.xml.LwModelToXMLDumper;

/**
 * The XML of routes, from which Hawtio draws its diagrams, without exception clauses. Camel copies the clauses of every
 * {@code routeConfiguration} to the head of each route, where they would stand before its first step. Stateless.
 */
final class FlowXml extends LwModelToXMLDumper {

    /** Clauses do not contain clauses, and text that looks like their end is escaped. */
    private static final Pattern CLAUSE = Pattern.compile("\\s*<onException\\b.*?</onException>", Pattern.DOTALL);

    @Override
    public String dumpModelAsXml(CamelContext context, NamedNode node, boolean resolvePlaceholders,
            boolean generatedIds, boolean sourceLocation) throws Exception {
        var xml = super.dumpModelAsXml(context, node, resolvePlaceholders, generatedIds, sourceLocation);
        return CLAUSE.matcher(xml).replaceAll("");
    }
}
