#!/bin/bash
# Tries a fleet on this machine: Redis, a simulated provider and three replicas, at full demand for two minutes. In the middle the
# leader is killed with -9, and started again ten seconds later. Prints who led and what the provider saw. Ends with 1 when that was
# more than the limit in any 60 s.
#
#   deploy/try-fleet.sh target/nvidia-sidecar-0.1.0-SNAPSHOT.jar
#
# Needs redis-server (or valkey-server), curl and a JDK 25: JAVA names the java command; without it, JAVA_HOME or the PATH. Uses free
# ports of the loopback address. LIMIT (60) is the provider's, in requests a minute; LOAD_SECONDS (120) how long requests are sent.
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 JAR" >&2
    exit 2
fi
jar=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
limit=${LIMIT:-60}
seconds=${LOAD_SECONDS:-120}
replicas=(a b c)
clients=8 # of each replica, each with one request at a time: more demand than limit
model='{"model":"demo","max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}'

java=$(command -v "${JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}") || { echo 'no java: set JAVA or JAVA_HOME to a JDK 25' >&2; exit 2; }
if ! "$java" "@$here/jvm.options" -version > /dev/null 2>&1; then
    echo "$java is no JDK 25: set JAVA or JAVA_HOME to one" >&2
    exit 2
fi
redis=$(command -v redis-server || command -v valkey-server) || {
    echo 'no redis-server on the PATH: install it, on Debian by apt-get install redis-server' >&2
    exit 2
}

work=$(mktemp -d)
declare -A processes=()
tidy_up() {
    exec 2> /dev/null # the shell would say of each that it was killed
    kill -9 "${processes[@]}" || true
    wait
    rm -rf "$work"
}
trap tidy_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { # message
    echo "$1; the last lines of all:" >&2
    tail -n 5 "$work"/*.log | cut -c 1-300 >&2
    exit 1
}
await() { # seconds, what, command
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" > /dev/null 2>&1; do
        if ((SECONDS >= until)); then fail "no $what"; fi
        sleep 0.1
    done
}
found() { sed -n "s#.*$2.*#\\1#p" "$1" | tail -n 1; } # file, pattern with a group
now() { date -u +%FT%T.%3NZ; }

start() { # name, further settings
    local name=$1
    shift
    env -i PATH="$PATH" SIDECAR_ROUTES_DIR="$here/../routes" SIDECAR_LOG_FORMAT=json SIDECAR_METRICS_PORT=0 LOGGING_LEVEL_DEV_SIDECAR_REQUESTS=WARN \
        "$@" "$java" "@$here/jvm.options" -jar "$jar" >> "$work/$name.log" 2>&1 &
    processes[$name]=$!
}
start_replica() { # name, port
    start "$1" SIDECAR_API_KEY=none-needed-here SIDECAR_UPSTREAM="$provider/v1" SIDECAR_RATE_RPM="$limit" SIDECAR_PORT="$2" \
        SIDECAR_REDIS_URL="redis://127.0.0.1:$redis_port" SIDECAR_FLEET=try SIDECAR_REPLICA_ID="$1" SIDECAR_STATE_DIR="$work/state-$1"
}
note() { echo "$(now) $*" >> "$work/events"; }

# The first port that is free: Redis ends where it is not.
redis_port=$((20000 + RANDOM % 10000))
start_redis() {
    "$redis" --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --daemonize no > "$work/redis.log" 2>&1 &
    processes[redis]=$!
    for _ in {1..50}; do
        if grep -q 'Ready to accept connections' "$work/redis.log"; then return 0; fi
        if ! kill -0 "${processes[redis]}" 2> /dev/null; then return 1; fi
        sleep 0.1
    done
    return 1
}
tries=0
until start_redis; do
    redis_port=$((redis_port + 1))
    if ((++tries == 10)); then fail 'Redis does not start'; fi
done

# The simulated provider runs in a sidecar of its own, which nobody uses.
start provider SPRING_PROFILES_ACTIVE=demo SIDECAR_PORT=0 SIDECAR_DEMO_LIMIT="$limit" SIDECAR_DEMO_THINKING_TIME=100ms
await 300 'simulated provider' grep -q 'listening on' "$work/provider.log"
provider=$(found "$work/provider.log" 'Simulated provider at \(http://[0-9.:]*\):')

declare -A ports=()
for name in "${replicas[@]}"; do start_replica "$name" 0; done
for name in "${replicas[@]}"; do
    await 300 "replica $name" grep -q 'listening on' "$work/$name.log"
    ports[$name]=$(found "$work/$name.log" 'listening on [0-9.]*:\([0-9]*\),')
done

leads() { grep fleet_changed "$work/$1.log" | tail -n 1 | grep -q '"leads":"\?true'; } # name
shares() { grep fleet_changed "$work/$1.log" | tail -n 1 | grep -q '"mode":"shared"'; } # name
leader() {
    local name
    for name in "${replicas[@]}"; do
        if leads "$name"; then
            echo "$name"
            return 0
        fi
    done
    return 1
}
for name in "${replicas[@]}"; do await 30 "fleet with $name" shares "$name"; done
killed=$(leader)
echo "three replicas at 127.0.0.1:${ports[a]}, :${ports[b]} and :${ports[c]}, $killed leads; limit $limit a minute, demand for $seconds s"

client() { # name, number
    local status
    while true; do
        status=$(curl -s -o /dev/null -m 300 -H 'Content-Type: application/json' -d "$model" -w '%{http_code}' \
            "http://127.0.0.1:${ports[$1]}/v1/chat/completions") || true
        echo "$status" >> "$work/answers-$1-$2"
        # A replica that is dead or refuses is asked again, but not without a pause.
        if [ "$status" != 200 ]; then sleep 1; fi
    done
}
for name in "${replicas[@]}"; do
    for number in $(seq "$clients"); do
        client "$name" "$number" &
        processes[$name-$number]=$!
    done
done

pause() { sleep "$1" & wait $!; } # seconds; a trap does not wait for its end
pause $((seconds / 2))
kill -9 "${processes[$killed]}"
wait "${processes[$killed]}" 2> /dev/null || true
note "$killed, which leads, is killed with -9"
mv "$work/$killed.log" "$work/$killed-before.log"
touch "$work/$killed.log"
await 30 'other leader' leader
pause 10
start_replica "$killed" "${ports[$killed]}"
note "$killed is started again with its state folder"
await 300 "$killed in the fleet" shares "$killed"
note "$killed shares again"
pause $((seconds - seconds / 2 - 10))

curl -s -o "$work/arrivals" "$provider/arrivals"
for name in "${replicas[@]}"; do
    for number in $(seq "$clients"); do
        kill "${processes[$name-$number]}"
        unset "processes[$name-$number]"
    done
done

echo
echo 'Who led:'
for name in "${replicas[@]}"; do
    for log in "$work/$name-before.log" "$work/$name.log"; do
        if [ -e "$log" ]; then
            { grep fleet_changed "$log" || true; } | { grep '"mode":"shared".*"leads":"\?true' || true; } |
                sed -n "s/.*\"timestamp\":\"\([^\"]*\)\".*/\1 $name leads/p"
        fi
    done
done | sort -u - "$work/events" | sed 's/^[^T]*T\([0-9:]*\)[^ ]* /  \1  /' | uniq

echo
echo "Clients got (000: no connection): $(cat "$work"/answers-* | sort | uniq -c | awk '{ printf "%s%d times %s", sep, $1, $2; sep = ", " }')"

echo
echo 'Arrivals at the provider, for each 10 s:'
found "$work/arrivals" '"arrivals_ms":\[\([0-9,]*\)\]' | tr , '\n' |
    awk -v limit="$limit" -v refused="$(found "$work/arrivals" '"refused":\([0-9]*\)')" '
    NF { at[++n] = $1; part[int(($1 - at[1]) / 10000)]++; last = int(($1 - at[1]) / 10000) }
    END {
        if (n == 0) { print "  none"; exit 1 }
        for (i = 0; i <= last; i++) {
            bar = sprintf("%*s", part[i], ""); gsub(/ /, "#", bar)
            printf "  %4d s %4d %s\n", i * 10, part[i], bar
        }
        from = 1
        for (i = 1; i <= n; i++) {
            while (at[i] - at[from] >= 60000) from++
            if (i - from + 1 > most) most = i - from + 1
        }
        printf "\nThe most in any 60 s: %d of %d. Refused by the provider: %d of %d.\n", most, limit, refused, n
        exit most > limit
    }' || { echo 'The limit was exceeded.' >&2; exit 1; }
