package import Wire

/// A capture that is still being written, or the newest of a folder of them, read as it grows.
///
/// In a folder one capture is followed after the other, in the order of their first packets: one is
/// left when a newer one has begun and no more has come. Nothing here waits; the caller does.
package struct FollowedCaptures: PacketSource, ~Copyable {
    /// What is remembered of a capture that was left, to know it from another of its name.
    private struct Mark {
        var identity: FileBytes.Identity?
        var bytes: Int
    }

    private let place: CapturePlace
    private let hashes: Bool
    private var current: CaptureFile?
    private var currentPath = ""
    /// A newer capture is there: this one is read to its end once more, and then left.
    private var isLeaving = false
    private var seen: [String: Mark] = [:]
    private var reports: [CaptureReport] = []
    private var notes: [String] = []
    private var finishedBytes = 0
    private var nextNumber: UInt64 = 1
    /// Paths of the captures opened so far; a packet's `file` is a place in it.
    package private(set) var paths: [String] = []

    /// Follows `place`; captures at `known` paths are passed over as they are now.
    package init(_ place: CapturePlace, hashes: Bool, known: [String] = []) {
        self.place = place
        self.hashes = hashes
        for path in known { mark(path) }
    }

    package var bytesRead: Int {
        switch current {
        case .some(let file): finishedBytes + file.bytesRead
        case .none: finishedBytes
        }
    }

    /// What was learned of the captures that were left since this was last asked.
    package mutating func takeReports() -> [CaptureReport] {
        defer { reports = [] }
        return reports
    }

    /// What the user should know, one sentence each.
    package mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// Ends before the captures do.
    package mutating func close() { leave(isFinished: false) }

    /// Never false: the batch is empty when nothing new is there.
    package mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        batch.removeAll()
        while true {
            if current == nil {
                guard let path = next() else { return true }
                try open(path)
            }
            current?.nextNumber = nextNumber
            let isMore = try current?.read(into: &batch) ?? false
            nextNumber = current?.nextNumber ?? nextNumber
            guard batch.packets.isEmpty else { return true }
            if !isMore {
                // Damaged: nothing more can be read of it.
                leave(isFinished: true)
            } else if current?.isAtEnd ?? false {
                guard isReplaced() || isLeaving else {
                    isLeaving = hasNewer()
                    if isLeaving { continue }
                    return true
                }
                leave(isFinished: true)
            }
        }
    }

    private mutating func open(_ path: String) throws(CaptureError) {
        var options = CaptureFile.Options()
        options.isFollowed = true
        options.hashes = hashes
        options.file = UInt32(clamping: paths.count)
        current = try CaptureFile(path: path, firstNumber: nextNumber, options: options)
        currentPath = path
        isLeaving = false
        paths.append(path)
    }

    private mutating func leave(isFinished: Bool) {
        guard var file = current.take() else { return }
        if isFinished { file.finish() }
        finishedBytes += file.bytesRead
        seen[currentPath] = Mark(identity: file.identity, bytes: file.bytesRead)
        reports.append(CaptureReport(&file))
    }

    /// The file was cut, or another took its name.
    private mutating func isReplaced() -> Bool {
        guard let (identity, size, position) = currentState() else { return false }
        if size < position {
            notes.append("\(currentPath): was cut to \(size) bytes; reading it from its start")
            return true
        }
        guard case .file = place, let now = FileBytes.identity(of: currentPath), now != identity
        else { return false }
        notes.append("\(currentPath): was replaced; reading the new file")
        return true
    }

    private func currentState() -> (FileBytes.Identity, size: Int, position: Int)? {
        switch current {
        case .some(let file): (file.identity, file.size(), file.bytesRead)
        case .none: nil
        }
    }

    // MARK: - Which capture comes next

    private func hasNewer() -> Bool {
        if case .file = place { return false }
        return place.list().files.contains { $0 != currentPath && isNew($0) && hasBegun($0) }
    }

    /// The capture with the earliest packet of those that were not read yet.
    private mutating func next() -> String? {
        if case .file(let path) = place {
            guard let size = CapturePlace.size(path) else { return nil }
            // A damaged one is not begun again until it is another.
            return size > 0 && isNew(path) ? path : nil
        }
        var found: (time: Timestamp, path: String)?
        for path in place.list().files where isNew(path) {
            do throws(CaptureError) {
                guard let time = try CaptureFile.firstTime(path: path, isFollowed: true) else {
                    continue
                }
                if found.map({ time < $0.time }) ?? true { found = (time, path) }
            } catch {
                guard error.isUnreadable else { continue }
                notes.append("\(error.message); passed over")
                mark(path)
            }
        }
        return found?.path
    }

    /// A header and a packet are there.
    private func hasBegun(_ path: String) -> Bool {
        do throws(CaptureError) {
            return try CaptureFile.firstTime(path: path, isFollowed: true) != nil
        } catch {
            return false
        }
    }

    private func isNew(_ path: String) -> Bool {
        guard !CapturePlace.isPipe(path) else { return false }
        if let mark = seen[path] {
            return mark.identity != FileBytes.identity(of: path)
                || (CapturePlace.size(path) ?? 0) < mark.bytes
        }
        // A rotated capture that was compressed after it had been read.
        for suffix in [".gz", ".zst", ".lz4"] where path.hasSuffix(suffix) {
            return seen[String(path.dropLast(suffix.count))] == nil
        }
        return true
    }

    private mutating func mark(_ path: String) {
        seen[path] = Mark(
            identity: FileBytes.identity(of: path), bytes: CapturePlace.size(path) ?? 0)
    }
}
