// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Vectors of eight floats, where the processor that builds has them (x86-64-v3: since 2013). Results are the same
/// without; FORESHADOW_ANY_PROCESSOR=1 builds what runs on older ones too.
let processor: [SwiftSetting] =
    if Context.environment["FORESHADOW_ANY_PROCESSOR"] == nil,
        let processors = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
        ["avx2", "bmi2", "fma", "movbe"].allSatisfy({ processors.contains(" \($0) ") })
    { [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])] } else { [] }

let settings: [SwiftSetting] =
    processor + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ]

/// Numeric kernels are a hundred times slower unoptimised, and so would be every test that runs them.
let kernels: [SwiftSetting] = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The dashboard's files, which become part of the program.
let dashboard = [
    "alerts.js",
    "api.js",
    "cards.css",
    "cells.js",
    "charts.css",
    "charts.js",
    "dashboard.css",
    "elements.js",
    "events.js",
    "experiments.js",
    "explain.js",
    "flow.css",
    "flow.js",
    "format.js",
    "header.css",
    "header.js",
    "index.html",
    "lookup.js",
    "main.js",
    "matrix.css",
    "matrix.js",
    "partitions.js",
    "phases.js",
    "rail.css",
    "shadows.js",
    "tables.css",
    "tail.js",
    "theme.css",
    "theme.js",
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

let package = Package(
    name: "foreshadow",
    products: [
        .executable(name: "foreshadow", targets: ["foreshadow"]),
        .library(name: "ForeshadowRouting", targets: ["ForeshadowRouting", "Routing", "Contracts", "Kafka"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        .systemLibrary(name: "CRdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Kafka", dependencies: ["CRdkafka", logging, metrics], swiftSettings: settings),
        .target(name: "Contracts", swiftSettings: settings),
        .target(name: "Affinity", dependencies: ["Contracts"], swiftSettings: kernels),
        .target(name: "Training", dependencies: ["Affinity", "Contracts"], swiftSettings: kernels),
        .target(name: "Trends", dependencies: ["Contracts", "Forecasting"], swiftSettings: settings),
        .target(name: "Forecasting", dependencies: ["Contracts"], swiftSettings: kernels),
        .target(name: "Routing", dependencies: ["Contracts"], swiftSettings: kernels),
        .target(name: "Workload", dependencies: ["Contracts", "CZlib"], swiftSettings: settings),
        .target(
            name: "Evaluation", dependencies: ["Contracts", "Workload", "Forecasting"],
            swiftSettings: settings),
        .target(name: "Backtest", dependencies: ["Contracts", "Evaluation"], swiftSettings: kernels),
        .target(name: "Streams", dependencies: ["Kafka", logging], swiftSettings: settings),
        .target(
            name: "ForeshadowRouting",
            dependencies: ["Routing", "Experiments", "Contracts", "Kafka", logging],
            swiftSettings: settings),
        .target(name: "SimulatedKafka", dependencies: ["Kafka"], swiftSettings: settings),
        .target(
            name: "EmbeddedKafka",
            dependencies: [
                "SimulatedKafka", "Kafka", "CZlib", "CSnappy", "CLZ4", "CZstd", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .target(
            name: "Simulation", dependencies: ["SimulatedKafka", "Streams", "Kafka", logging],
            swiftSettings: settings),
        .target(name: "Experiments", dependencies: ["Contracts"], swiftSettings: kernels),
        .target(name: "Alerting", dependencies: ["Contracts", "Forecasting"], swiftSettings: settings),
        .target(
            name: "Monitoring",
            dependencies: [metrics, .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings),
        .target(
            name: "Orchestrator",
            dependencies: [
                "ForeshadowRouting", "Routing", "Experiments", "Alerting", "Monitoring", "Kafka", "Contracts",
                logging,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: dashboard.map { .embedInCode("Dashboard/\($0)") } + [.embedInCode("API/openapi.yaml")],
            swiftSettings: settings),
        .executableTarget(name: "simulate", dependencies: ["Simulation"], swiftSettings: settings),
        .target(
            name: "Pipeline",
            dependencies: ["Streams", "Kafka", "Contracts", "Affinity", "Trends", "Alerting"],
            swiftSettings: settings),
        .target(
            name: "Scenarios", dependencies: ["Pipeline", "Trends", "Kafka", "Contracts", "Workload"],
            swiftSettings: settings),
        .executableTarget(
            name: "foreshadow",
            dependencies: [
                "Kafka", "EmbeddedKafka", "Contracts", "Affinity", "Trends", "Streams", "Pipeline",
                "Scenarios", "Orchestrator", "ForeshadowRouting", "Routing", "Alerting",
                "Workload", "Evaluation", "Backtest", "Training", "Forecasting",
                "Yams",
                logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .testTarget(name: "ContractsTests", dependencies: ["Contracts"], swiftSettings: settings),
        .testTarget(name: "AffinityTests", dependencies: ["Affinity", "Contracts"], swiftSettings: settings),
        .testTarget(
            name: "OrchestratorTests",
            dependencies: [
                "Orchestrator", "ForeshadowRouting", "Routing", "Kafka", "EmbeddedKafka", "Contracts",
                logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "ForeshadowRoutingTests",
            dependencies: ["ForeshadowRouting", "Routing", "Kafka", "EmbeddedKafka", "Contracts", logging],
            swiftSettings: settings),
        .testTarget(name: "MonitoringTests", dependencies: ["Monitoring", metrics], swiftSettings: settings),
        .testTarget(name: "AlertingTests", dependencies: ["Alerting", "Contracts"], swiftSettings: settings),
        .testTarget(
            name: "ExperimentsTests", dependencies: ["Experiments", "Contracts"], swiftSettings: kernels),
        .testTarget(name: "RoutingTests", dependencies: ["Routing", "Contracts"], swiftSettings: kernels),
        .testTarget(
            name: "TrainingTests", dependencies: ["Training", "Affinity", "Contracts"],
            swiftSettings: settings),
        .testTarget(name: "TrendsTests", dependencies: ["Trends", "Contracts"], swiftSettings: settings),
        .testTarget(name: "SafetyTests", dependencies: ["Trends", "Contracts"], swiftSettings: kernels),
        .testTarget(
            name: "ForecastingTests", dependencies: ["Forecasting", "Contracts"], swiftSettings: settings),
        .testTarget(name: "WorkloadTests", dependencies: ["Workload", "Contracts"], swiftSettings: settings),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Workload", "Contracts", "Forecasting"],
            swiftSettings: settings),
        .testTarget(
            name: "BacktestTests", dependencies: ["Backtest", "Evaluation"], swiftSettings: settings),
        .testTarget(
            name: "KafkaTests",
            dependencies: [
                "Kafka", "EmbeddedKafka", .product(name: "MetricsTestKit", package: "swift-metrics"), logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "SimulatedKafkaTests", dependencies: ["SimulatedKafka", "Kafka"], swiftSettings: settings),
        .testTarget(
            name: "EmbeddedKafkaTests",
            dependencies: [
                "EmbeddedKafka", "SimulatedKafka", "Kafka", "CSnappy", "CLZ4", "CZstd", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Kafka"], swiftSettings: settings),
        .testTarget(
            name: "StreamsTests",
            dependencies: ["Streams", "Kafka", "EmbeddedKafka", "SimulatedKafka", logging],
            swiftSettings: settings),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "Pipeline", "Streams", "Kafka", "EmbeddedKafka", "Contracts", "Affinity", "Trends",
                "Workload", "Alerting",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ScenariosTests", dependencies: ["Scenarios", "Workload", "Contracts"],
            swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "foreshadow", "Pipeline", "Streams", "Kafka", "EmbeddedKafka", "Contracts", "Workload",
                logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "foreshadow", "Kafka", "EmbeddedKafka", "Contracts", "Evaluation", "Backtest", "Affinity",
                "Training", "Alerting", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
    ]
)
