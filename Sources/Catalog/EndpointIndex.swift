/// Finds the endpoint that a host and a path belong to: the host as `DomainIndex` finds names, then
/// the paths known of it.
struct EndpointIndex: Sendable {
    private var hosts = DomainIndex()
    /// Of each host line its paths, the one with most fixed bytes first.
    private var paths: [[(prefix: PathPrefix, endpoint: Int)]] = []

    init(_ draft: CatalogDraft) {
        // Each host with its way to match is one line, however many paths it has.
        var numbers = TextIndex()
        var firsts: [CatalogDraft.EndpointDraft] = []
        for (number, endpoint) in draft.endpoints.enumerated() {
            let text = draft.texts[Int(endpoint.host.file)]
            guard let prefix = PathPrefix(text[endpoint.path]) else { continue }
            let hash = text.hash(endpoint.host.place)
            let known = numbers.first(hash) {
                let other = firsts[$0]
                return other.match == endpoint.match
                    && text.isSame(
                        endpoint.host.place, as: draft.texts[Int(other.host.file)],
                        other.host.place)
            }
            if let known {
                paths[known].append((prefix, number))
            } else {
                numbers.add(hash)
                firsts.append(endpoint)
                hosts.add(text[endpoint.host.place], hash, endpoint.match)
                paths.append([(prefix, number)])
            }
        }
        for host in paths.indices {
            paths[host].sort {
                ($1.prefix.segmentCount, $1.prefix.fixedBytes, $0.endpoint)
                    < ($0.prefix.segmentCount, $0.prefix.fixedBytes, $1.endpoint)
            }
        }
    }

    /// Whether any path of the host is known.
    func hasHost(_ name: Span<UInt8>, length: Int) -> Bool {
        hosts.match(for: name, length: length) != nil
    }

    /// The endpoint of the longest host line that has a path which fits, and there of the longest
    /// path.
    func match(for name: Span<UInt8>, length: Int, path: String) -> Int? {
        guard hasHost(name, length: length) else { return nil }
        return matches(for: name, length: length, path: path).first
    }

    /// All of them, in the order in which they win.
    func matches(for name: Span<UInt8>, length: Int, path: String) -> [Int] {
        let bytes = Array(path.utf8)
        return hosts.all(for: name, length: length).flatMap { host in
            paths[host].filter { $0.prefix.matches(bytes[...]) }.map(\.endpoint)
        }
    }
}
