package dev.sidecar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;

/** The walls between the rooms. */
@AnalyzeClasses(packages = "dev.sidecar", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /** What each room may import of the others. A room that is not here fails: a new one is a decision. */
    static final Map<String, Set<String>> ROOMS = Map.ofEntries(
            room("throttle.count"),
            room("throttle.tokens"),
            room("throttle.budget", "throttle.count", "throttle.tokens"),
            room("throttle.pool", "throttle.budget", "throttle.tokens"),
            room("throttle.quota", "throttle.count", "throttle.tokens"),
            room("throttle.order", "throttle.budget", "throttle.pool", "throttle.quota", "throttle.tokens"),
            room("throttle", "throttle.budget", "throttle.order", "throttle.pool", "throttle.tokens"),
            room("http"),
            room("files", "http", "throttle"),
            room("clients", "files", "throttle.order", "throttle.quota"),
            room("providers", "config", "files", "http", "throttle"),
            room("configfile", "clients", "config", "files", "http", "providers", "throttle"),
            room("call", "clients", "http", "throttle", "throttle.budget", "throttle.order", "throttle.tokens"),
            room("ingress", "call", "http", "throttle.order"),
            room("upstream", "call", "http", "throttle.order", "throttle.tokens"),
            room("upstream.limits", "throttle.budget"),
            room("traffic", "throttle", "throttle.budget", "throttle.order"),
            room("config", "files", "throttle.budget", "throttle.order"),
            room("route.queue", "call", "throttle", "throttle.budget", "throttle.order"),
            room("route", "call", "clients", "config", "http", "ingress", "providers", "route.queue", "throttle",
                    "throttle.budget", "throttle.order", "throttle.pool", "throttle.tokens", "traffic", "upstream",
                    "upstream.limits"),
            room("fleet", "config", "throttle", "throttle.budget", "throttle.order", "throttle.pool", "throttle.quota",
                    "throttle.tokens"),
            room("fleet.redis", "config", "fleet"),
            room("reload", "config", "files", "http", "ingress", "throttle"),
            room("state", "throttle", "throttle.budget", "throttle.order", "throttle.pool",
                    "throttle.quota"),
            room("admin", "clients", "config", "http", "throttle", "throttle.budget", "throttle.order"),
            room("ops", "call", "config", "configfile", "files", "fleet", "http", "providers", "reload", "state",
                    "throttle",
                    "throttle.budget",
                    "throttle.order", "throttle.pool", "throttle.quota",
                    "traffic", "upstream"),
            room("simulator.limits"),
            room("simulator", "simulator.limits"),
            room("proving", "simulator.limits", "throttle", "throttle.budget", "throttle.order", "throttle.pool",
                    "throttle.tokens"),
            room("image", "simulator"),
            room("boot.faststart", "config"),
            room("boot", "admin", "boot.faststart", "call", "clients", "config", "configfile", "files", "fleet",
                    "fleet.redis", "http", "ingress", "ops", "providers", "proving", "reload", "route", "route.queue",
                    "simulator", "state",
                    "throttle", "throttle.budget", "throttle.order", "throttle.pool", "throttle.tokens", "traffic",
                    "upstream", "upstream.limits"),
            room("", "boot", "boot.faststart"));

    private static final String[] HEART_IMPORTS = {"java..", "org.jspecify.annotations..", "dev.sidecar.throttle.."};

    private static Map.Entry<String, Set<String>> room(String name, String... imports) {
        return Map.entry(name, Set.of(imports));
    }

    @ArchTest
    static final ArchRule eachRoomImportsWhatItMay = classes().should(importWhatTheirRoomMay());

    @ArchTest
    static final ArchRule theThrottleKnowsNobody = classes().that().resideInAPackage("dev.sidecar.throttle..")
            .should().onlyDependOnClassesThat().resideInAnyPackage(HEART_IMPORTS);

    @ArchTest
    static final ArchRule onlyOneRoomKnowsRedis = noClasses().that().resideOutsideOfPackage("dev.sidecar.fleet.redis")
            .should().dependOnClassesThat().resideInAnyPackage("io.lettuce..", "reactor..", "org.reactivestreams..");

    @ArchTest
    static final ArchRule noCyclesBetweenPackages = slices().matching("dev.sidecar.(**)").should()
            .beFreeOfCycles();

    private static ArchCondition<JavaClass> importWhatTheirRoomMay() {
        return new ArchCondition<>("import what their room may") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                var room = roomOf(type);
                var allowed = ROOMS.get(room);
                events.add(new SimpleConditionEvent(type, allowed != null, "a room without a rule: " + room));
                for (var dependency : type.getDirectDependenciesFromSelf()) {
                    var target = dependency.getTargetClass();
                    if (allowed != null && target.getPackageName().startsWith("dev.sidecar")
                            && !roomOf(target).equals(room) && !allowed.contains(roomOf(target))) {
                        events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static String roomOf(JavaClass type) {
        return type.getPackageName().equals("dev.sidecar")
                ? ""
                : type.getPackageName().substring("dev.sidecar.".length());
    }

    @ArchTest
    static final ArchRule staticFieldsAreFinal = fields().that().areStatic().and()
            .doNotHaveName("$assertionsDisabled")
            .should().beFinal().andShould(notHoldChangingState());

    /** A final reference to something that changes is state all the same. */
    private static ArchCondition<JavaField> notHoldChangingState() {
        return new ArchCondition<>("not hold state that changes") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                var type = field.getRawType();
                var changes = type.getPackageName().startsWith("java.util.concurrent.atomic")
                        || type.isAssignableTo(ThreadLocal.class) || type.getSimpleName().equals("ConcurrentHashMap");
                events.add(new SimpleConditionEvent(field, !changes, field.getFullName() + " is " + type.getName()));
            }
        };
    }
}
