# Builds the command line in one stage and keeps only it in the next.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        librdkafka-dev zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# With Package.resolved, where there is one.
COPY Package.* ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product foreshadow --static-swift-stdlib \
    && cp "$(swift build -c release --show-bin-path)/foreshadow" /usr/local/bin/foreshadow

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        librdkafka1 zlib1g libsnappy1v5 liblz4-1 libzstd1 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home foreshadow
COPY --from=build /usr/local/bin/foreshadow /usr/local/bin/foreshadow
COPY topics /usr/share/foreshadow/topics
COPY foreshadow.example.yaml /etc/foreshadow.yaml
USER foreshadow
ENTRYPOINT ["foreshadow"]
CMD ["--help"]
