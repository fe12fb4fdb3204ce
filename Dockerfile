# syntax=docker/dockerfile:1
# The sidecar as a container image. Every RUN is a script that also runs without Docker; deploy/try-image.sh puts together
# what they yield, as below, and tries it with a read-only root and no rights, as CI does.
#
#   docker build --build-arg REVISION=$(git rev-parse HEAD) -t nvidia-sidecar .
#   docker run --read-only --tmpfs /tmp -m 512m -p 127.0.0.1:9190:9190 -e SIDECAR_API_KEY=nvapi-... nvidia-sidecar
#
# Below it is a base image of Distroless: Debian's C library, CA certificates and time zones, kept up to date, with no shell and no
# package manager. Of Debian 13, since those of Debian 12 were to end in September 2026; without OpenSSL, which Java does not use.
# (Alpine's musl would be smaller, but has nothing for -XX:TrimNativeHeapInterval.) On it comes the runtime that jlink makes of the
# modules in use, 56 MB, where eclipse-temurin:25-jre carries all of Java, 145 MB. With the jars (57 MB), the AOT cache (107 MB)
# and the base (15 MB) that is 235 MB, of 1,000,000 bytes.
#
# Both bases are named by tags and not by digests: a build with --pull takes their fixes in Java and in the C library, and two builds
# of one commit may have different ones. For a certain base: --build-arg JDK=...@sha256:... --build-arg BASE=...@sha256:...
# The libraries' jars are those that were published, byte for byte: a scanner knows them by their checksums, and by the SBOM in
# META-INF/sbom of the sidecar's jar.
ARG JDK=eclipse-temurin:25-jdk
ARG BASE=gcr.io/distroless/base-nossl-debian13:nonroot

FROM ${JDK} AS build
# Empty: for what outlives a restart.
WORKDIR /state
WORKDIR /build
COPY . .
RUN ./mvnw -B -ntp -DskipTests package
RUN deploy/make-runtime.sh /opt/java
RUN JAVA=/opt/java/bin/java deploy/lay-out.sh target/nvidia-sidecar-*.jar /app

FROM ${BASE}
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="NVIDIA Sidecar" \
      org.opencontainers.image.description="A rate-limiting, priority-queueing proxy for rate-limited LLM APIs." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The files keep their times, which the AOT cache is checked against.
COPY --from=build /opt/java /opt/java
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /state /var/lib/nvidia-sidecar
# Listening on all addresses of the container: the admin API and Hawtio then ask for SIDECAR_ADMIN_TOKEN. The tunable has what the
# compilers take in large pieces go back to the system at once, 10 MB at the start.
ENV PATH=/opt/java/bin:$PATH \
    GLIBC_TUNABLES=glibc.malloc.mmap_threshold=30000 \
    SIDECAR_HOST=0.0.0.0 \
    SIDECAR_ROUTES_DIR=/app/routes \
    SIDECAR_STATE_DIR=/var/lib/nvidia-sidecar
# Two places are written to. /var/lib/nvidia-sidecar keeps the limit over a restart of the container; give it a volume to keep it
# over a new container too. /tmp has Tomcat's work folder, crash reports, the socket of jcmd.
WORKDIR /tmp
USER 65532:65532
EXPOSE 9190 9191
# Longer than SIDECAR_SHUTDOWN_GRACE must be the time that docker stop gives: docker run --stop-timeout 40.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["/opt/java/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx16m", "-cp", "/app/lib/nvidia-sidecar.jar", "dev.sidecar.image.HealthCheck"]
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-XX:AOTCache=/app/sidecar.aot", "-Djava.library.path=/app/lib/native", "-jar", "/app/lib/nvidia-sidecar.jar"]
