import Capture
import Foundation
import Inventory
import Sensor
import Wire

/// The captures that a command line names, checked before anything is written.
struct ReplayInputs {
    /// Names of what was passed over that are written out.
    private static let namesShown = 5

    private struct Entry {
        var input: CaptureInput
        /// Named by itself, not found in a folder or by a pattern.
        var isNamed: Bool
        /// SHA-256, where the capture can be read twice.
        var digest: String?
    }

    private var groups: [[Entry]] = []

    /// Lists and opens what `arguments` name: each argument is a group of its own, in the order
    /// given, and what a folder or a pattern holds is merged by time.
    init(_ arguments: [String], hashes: Bool, stop: StopSignal) throws {
        for argument in arguments {
            let place = CapturePlace(argument)
            switch place {
            case .folder, .pattern: groups.append(try ReplayInputs.search(argument, place, hashes))
            case .standardInput, .file:
                var input = CaptureInput(path: argument)
                input.options.hashes = hashes || CapturePlace.isPipe(argument)
                if place == .standardInput {
                    input.options.head = try Failure.wrap {
                        try CaptureFile.standardInputHead { stop.isRaised }
                    }
                } else if !CapturePlace.isPipe(argument) {
                    // Opened once to see that it is a capture, before anything is written.
                    _ = try Failure.wrap { try CaptureFile(path: argument).size() }
                }
                groups.append([Entry(input: input, isNamed: true)])
            }
        }
    }

    private static func search(
        _ argument: String, _ place: CapturePlace, _ hashes: Bool
    ) throws -> [Entry] {
        var (files, passedOver) = place.list()
        passedOver += files.filter { CapturePlace.isPipe($0) }
        files.removeAll { CapturePlace.isPipe($0) }
        var found: [CaptureInput] = []
        for path in files {
            do {
                var input = CaptureInput(path: path, first: try CaptureFile.firstTime(path: path))
                input.options.hashes = hashes
                found.append(input)
            } catch  where error.isUnreadable {
                passedOver.append(path)
            } catch {
                throw Failure.of(error)
            }
        }
        guard !found.isEmpty else {
            throw Failure(
                message: "\(argument): no capture is there; name a pcap or pcapng file, a folder "
                    + "of them or a pattern", code: 1)
        }
        note(argument, passedOver, "no capture")
        // Stable for captures that begin at one time: the list is sorted by name.
        let order = found.indices.sorted {
            (found[$0].first ?? .zero, $0) < (found[$1].first ?? .zero, $1)
        }
        return order.map { Entry(input: found[$0], isNamed: false) }
    }

    private static func note(_ argument: String, _ paths: [String], _ reason: String) {
        guard !paths.isEmpty else { return }
        let names = paths.prefix(namesShown).map { path in
            path.split(separator: "/").last.map(String.init) ?? path
        }
        let rest = paths.count > namesShown ? " and \(paths.count - namesShown) more" : ""
        Terminal.note(
            "\(argument): passed over as \(reason): \(names.joined(separator: ", "))\(rest)")
    }

    /// Takes every capture's digest, and refuses what `inventory` or this command line holds
    /// already: one that was named is an error, one that was found is passed over.
    mutating func removeKnown(_ inventory: Inventory?, _ arguments: [String]) throws {
        var digests: [String: String] = [:]
        for position in groups.indices {
            var kept: [Entry] = []
            var known: [(path: String, name: String)] = []
            for var entry in groups[position] {
                let path = entry.input.path
                guard !CapturePlace.isPipe(path) else {
                    kept.append(entry)
                    continue
                }
                let digest =
                    try entry.digest ?? Failure.wrap { try CaptureFile.digest(path: path) }
                entry.digest = digest
                let earlier = try Failure.wrap { try inventory?.capture(withDigest: digest) }
                if let name = earlier ?? digests[digest] {
                    if entry.isNamed {
                        throw ReplayInputs.refusal(path, name, isKept: earlier != nil)
                    }
                    known.append((path, name))
                } else {
                    kept.append(entry)
                    digests[digest] = path
                }
            }
            if kept.isEmpty, let first = known.first {
                throw ReplayInputs.refusal(
                    arguments[position], first.name, isKept: inventory != nil)
            }
            ReplayInputs.note(
                arguments[position], known.map(\.path),
                inventory == nil ? "named twice" : "in the inventory already")
            groups[position] = kept
        }
    }

    /// `isKept`: it is in the inventory; else it is another of this command line.
    static func refusal(_ path: String, _ name: String, isKept: Bool = true) -> Failure {
        let fact =
            isKept ? "this capture is in the inventory already, as" : "is the same capture as"
        return Failure(
            message: "\(path): \(fact) \(name); --again reads it once more and doubles its counts",
            code: 1)
    }

    /// Refuses to write events over a capture that is to be read.
    func keep(from events: String?) throws {
        guard let events, events != "-" else { return }
        let target = ReplayInputs.real(events)
        for entry in groups.joined() where ReplayInputs.real(entry.input.path) == target {
            throw Failure(
                message: "--events \(events): would write over this capture; name another file",
                code: 2)
        }
    }

    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    var count: Int { groups.joined().count }

    /// Takes every capture's digest, whatever the inventory holds.
    mutating func takeDigests() throws {
        for group in groups.indices {
            for position in groups[group].indices {
                let path = groups[group][position].input.path
                guard !CapturePlace.isPipe(path) else { continue }
                groups[group][position].digest = try Failure.wrap {
                    try CaptureFile.digest(path: path)
                }
            }
        }
    }

    var captures: [[CaptureInput]] { CaptureInput.numbered(groups.map { $0.map(\.input) }) }

    /// By a capture's place among all; empty where it is told only once it has been read.
    var digests: [String] { groups.flatMap { $0.map { $0.digest ?? "" } } }

    /// Bytes of all files, as far as they are known.
    func size() throws -> Int {
        try groups.joined().reduce(0) { total, entry in
            guard !CapturePlace.isPipe(entry.input.path) else { return total }
            return total + (try Failure.wrap { try CaptureFile(path: entry.input.path).size() })
        }
    }
}
