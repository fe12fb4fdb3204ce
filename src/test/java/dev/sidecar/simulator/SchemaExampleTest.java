package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class SchemaExampleTest {

    @Test
    void fillsEveryRequiredPropertyByItsType() {
        assertThat(example("""
                {"type":"object","required":["city","unit","days","deep","list","flag","opt"],"properties":{
                  "city":{"type":"string"},"unit":{"enum":["c","f"]},"days":{"type":"integer","minimum":3},
                  "deep":{"type":"object","properties":{"x":{"type":"number"}}},
                  "list":{"type":"array","items":{"type":"string"}},"flag":{"type":"boolean"},
                  "opt":{"type":["string","null"]},"unused":{"type":"string"}}}"""))
                .isEqualTo(new JsonObject("""
                        {"city":"example city","unit":"c","days":3,"deep":{"x":1},"list":["example list"],
                         "flag":true,"opt":"example opt"}"""));
    }

    @Test
    void fillsTheFirstPropertyWhereNoneIsRequired() {
        assertThat(example("{\"properties\":{\"a\":{\"const\":7},\"b\":{\"type\":\"string\"}}}"))
                .isEqualTo(new JsonObject("{\"a\":7}"));
    }

    @Test
    void aSchemaThatSaysNothingMakesAnEmptyObject() {
        assertThat(SchemaExample.object(null)).isEqualTo(new JsonObject());
        assertThat(example("{\"properties\":[]}")).isEqualTo(new JsonObject());
    }

    private static JsonObject example(String schema) {
        return SchemaExample.object(new JsonObject(schema));
    }
}
