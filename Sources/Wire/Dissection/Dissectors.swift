/// The dissectors, in the order in which they are asked: one line each.
package enum Dissectors {
    package static let all: [any Dissector.Type] = [
        TLSDissector.self,
        HTTP1Dissector.self,
        LinesDissector.self,
        DHCPDissector.self,
        DNSDissector.self,
    ]

    /// Positions in `all`, by transport.
    static let tcpPositions = all.indices.filter { all[$0].transport == .tcp }
    static let udpPositions = all.indices.filter { all[$0].transport == .udp }

    /// The content readers, asked in turn for every message body, event and line: one line each.
    static let contentReaders: [any ContentReader.Type] = [
        JSONRPC.self,
        ModelCallReader.self,
    ]
}
