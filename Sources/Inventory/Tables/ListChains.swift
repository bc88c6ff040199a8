import Wire

/// Lists that come in pages, as far as they have come: only a whole list says what is not there.
struct ListChains {
    struct Key: Hashable {
        var server: Endpoint
        var client: Tenant
        var kind: ListedItem.Kind
        /// Stands for the cursor that the next page is asked for with.
        var cursor: UInt64
    }
    /// The pages so far, or a whole list.
    struct Chain {
        /// When the first page came: what is listed later than that is not missing.
        var start: Timestamp
        /// Stands for the names, in whatever order and pages they come.
        var names: UInt64 = 0
        var count = 0

        mutating func add(_ items: [ListedItem], of kind: ListedItem.Kind) {
            for item in items where item.kind == kind {
                names &+= SessionKey.of(item.key)
                count += 1
            }
        }
    }

    /// Lists that are begun at once; a client asks for the next page at once.
    private static let capacity = 4096
    private var chains: [Key: Chain] = [:]
    private(set) var dropped = 0

    /// Takes the pages so far that a page goes on with.
    mutating func take(_ key: Key) -> Chain? { chains.removeValue(forKey: key) }

    mutating func keep(_ chain: Chain, for key: Key) {
        if chains.count >= ListChains.capacity {
            dropped += chains.count
            chains.removeAll(keepingCapacity: true)
        }
        chains[key] = chain
    }
}

/// Calls that are tasks, until their results come (MCP 2025-11-25 §Tasks).
struct TaskTable {
    struct Key: Hashable {
        var server: Endpoint
        /// Stands for the task's id.
        var task: UInt64
    }

    private static let capacity = 4096
    private var calls: [Key: Pairing.Request] = [:]
    private(set) var dropped = 0

    mutating func open(_ key: Key, _ call: Pairing.Request) {
        if calls.count >= TaskTable.capacity {
            dropped += calls.count
            calls.removeAll(keepingCapacity: true)
        }
        calls[key] = call
    }

    /// The call whose task is over, once.
    mutating func close(_ key: Key) -> Pairing.Request? { calls.removeValue(forKey: key) }
}
