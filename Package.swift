// swift-tools-version: 6.3
import PackageDescription

/// Warnings are errors where a check asks for it; a user's newer compiler may warn in peace.
let warnings: [SwiftSetting] =
    Context.environment["TYTO_WARNINGS"] == "error" ? [.treatAllWarnings(as: .error)] : []

/// Settings every target of ours is built with.
let house: [SwiftSetting] =
    warnings + [
        .strictMemorySafety(),
        .treatWarning("StrictMemorySafety", as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),  // @_lifetime on ByteReader
    ]

/// The released program carries Swift and Foundation in itself: to load and bind them as libraries
/// takes longer than to read a small capture. Tests, which XCTest loads into itself, are built for
/// debugging and do not; nor does a toolchain without `swift_static`, with `TYTO_LINK=dynamic`.
let alone: [LinkerSetting] =
    Context.environment["TYTO_LINK"] == "dynamic"
    ? []
    : [
        .unsafeFlags(
            ["-static-stdlib", "-use-ld=lld"], .when(platforms: [.linux], configuration: .release))
    ]
        // What Foundation's own archive needs.
        + ["CoreFoundation", "_FoundationICU", "_FoundationCShims", "_FoundationCollections"].map {
            .linkedLibrary($0, .when(platforms: [.linux], configuration: .release))
        }

let package = Package(
    name: "Tyto",
    products: [.executable(name: "tyto", targets: ["tyto"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLz4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(
            name: "CBrotli", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
        .systemLibrary(name: "CMalloc"),

        .target(
            name: "Codecs",
            dependencies: ["CBrotli", "CCrypto", "CMalloc", "CZlib", "CZstd", "CLz4"],
            swiftSettings: house),
        .target(name: "Wire", dependencies: ["Codecs"], swiftSettings: house),
        .target(name: "Capture", dependencies: ["CPcap", "Codecs", "Wire"], swiftSettings: house),
        .target(
            name: "Catalog", dependencies: ["Codecs", "Wire"], resources: [.copy("Data")],
            swiftSettings: house),
        .target(
            name: "Inventory",
            dependencies: [
                "Codecs", "Wire", "Catalog", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        .target(
            name: "Policy", dependencies: ["Wire", "Catalog", "Inventory"], swiftSettings: house),
        .target(
            name: "Reports",
            dependencies: [
                "Wire", "Catalog", "Inventory", "Policy",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: house),
        .target(name: "Outputs", dependencies: ["Wire", "Codecs"], swiftSettings: house),
        .target(
            name: "Sensor",
            dependencies: [
                "Capture", "Wire", "Catalog", "Inventory", "Policy", "Outputs", "Codecs",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "tyto",
            dependencies: [
                "Sensor", "Capture", "Codecs", "Wire", "Catalog", "Inventory", "Policy", "Reports",
                "Outputs",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house, linkerSettings: alone),
        .testTarget(
            name: "CatalogTests", dependencies: ["Catalog", "Wire"], swiftSettings: house),
        .testTarget(
            name: "InventoryTests",
            dependencies: [
                "Inventory", "Catalog", "Codecs", "Reports", "Support", "Wire",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "GoldenTests", dependencies: ["Capture", "Sensor", "Support", "Wire", "tyto"],
            swiftSettings: house),
        .testTarget(name: "HouseTests", swiftSettings: house),
        .target(
            name: "Support", dependencies: ["Codecs", "Wire"], path: "Tests/Support",
            swiftSettings: house),
        .executableTarget(
            name: "HelloFuzz",
            dependencies: ["Capture", "Catalog", "Inventory", "Outputs", "Support", "Wire"],
            path: "Tests/HelloFuzz", swiftSettings: house, linkerSettings: alone),
        .testTarget(
            name: "WireTests", dependencies: ["Codecs", "Wire", "Support"], swiftSettings: house),
        .testTarget(
            name: "CaptureTests", dependencies: ["Capture", "Wire", "Support"], swiftSettings: house
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Reports", "Policy", "Inventory", "Catalog", "Wire"],
            swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)
