/// Catalog files read as they would be on top of others, with every mistake in them.
package struct CatalogReview: Sendable {
    /// What stands in one file.
    package struct File: Sendable {
        package var path: String
        /// What is in it, by what it is called: app, domain, …; nothing of which there is none.
        package var counts: [(what: String, count: Int)]
    }
    /// A line that takes the place of another, of a file read before.
    package struct Replacement: Sendable, Hashable {
        package var text: String
        package var origin: CatalogOrigin
        package var former: CatalogOrigin
    }
    /// By file in the order given, then by line.
    package private(set) var errors: [CatalogError] = []
    /// Mistakes that are not in `errors`: a file with more than some hundred is of another kind.
    package private(set) var moreErrors = 0
    package private(set) var files: [File] = []
    package private(set) var replacements: [Replacement] = []

    /// Reads `paths`, files or directories of files, on top of the catalog in `base`, which must be
    /// right itself.
    package init(of paths: [String], on base: [String]) throws(CatalogError) {
        var draft = CatalogDraft()
        for path in base {
            for file in try CatalogFiles.list(path) { draft.add(try CatalogFiles.read(file)) }
        }
        let own = draft.texts.count
        var names: [String] = []
        for path in paths {
            do throws(CatalogError) { names += try CatalogFiles.list(path) } catch {
                errors.append(error)
            }
        }
        var found: [String: [CatalogError]] = [:]
        for name in names {
            do throws(CatalogError) {
                let file = CatalogFile(path: name, withMistakes: try CatalogFiles.bytes(name))
                found[name, default: []] += file.errors
                moreErrors += file.moreErrors
                files.append(File(path: name, counts: CatalogReview.counts(file)))
                draft.add(file)
            } catch { errors.append(error) }
        }
        for mistake in draft.mistakes() { found[mistake.file, default: []].append(mistake) }
        for name in names {
            errors += (found.removeValue(forKey: name) ?? []).sorted { $0.line < $1.line }
        }
        replacements = draft.replacements(byFilesFrom: Int32(truncatingIfNeeded: own))
    }

    private static func counts(_ file: CatalogFile) -> [(what: String, count: Int)] {
        [
            ("app", file.apps.count), ("domain", file.domains.count),
            ("endpoint", file.endpoints.count), ("agent", file.agents.count),
            ("mark", file.marks.count), ("fingerprint", file.fingerprints.count),
            ("runtime", file.runtimes.count), ("token", file.tokens.count),
            ("device", file.devices.count),
            ("group", file.groups.count),
        ].filter { $0.1 > 0 }.map { (what: $0.0, count: $0.1) }
    }
}

extension CatalogDraft {
    /// What the files from this number on put in the place of other lines, by file and line.
    func replacements(byFilesFrom first: Int32) -> [CatalogReview.Replacement] {
        typealias Found = (file: Int32, line: Int, text: String, former: CatalogOrigin)
        var found: [Found] = []
        for line in replacedDomains {
            let (now, former) = (domains[line.by], line.former)
            found.append(
                (
                    now.text.file, now.line, "\(text(now.text)) \(now.match.rawValue)",
                    origin(former.text.file, former.line)
                ))
        }
        for line in replacedEndpoints {
            let (now, former) = (endpoints[line.by], line.former)
            found.append(
                (
                    now.host.file, now.line,
                    "\(text(now.host))\(text(now.path, of: now.host.file)) \(now.match.rawValue)",
                    origin(former.host.file, former.line)
                ))
        }
        for line in replacedMarks {
            let (now, former) = (marks[line.by], line.former)
            found.append(
                (
                    now.file, now.line,
                    "\(now.mark.signal.rawValue) \(now.mark.match.rawValue) \(now.mark.text)",
                    origin(former.file, former.line)
                ))
        }
        for line in fingerprints.replaced {
            let (now, former) = (fingerprints.lines[line.by], line.former)
            found.append(
                (
                    now.file, now.entry.line, text(now.entry.value, of: now.file),
                    origin(former.file, former.entry.line)
                ))
        }
        return found.filter { $0.file >= first }
            .sorted { ($0.file, $0.line) < ($1.file, $1.line) }
            .map {
                CatalogReview.Replacement(
                    text: $0.text, origin: origin($0.file, $0.line), former: $0.former)
            }
    }
}
