import CPcap
package import Wire

/// A BPF filter, as tcpdump writes it, compiled by libpcap for each link type that comes along.
@safe package struct PacketFilter: ~Copyable {
    private let expression: String
    /// Link type → compiled program.
    private var programs: [UInt16: UnsafeMutablePointer<bpf_program>] = unsafe [:]

    /// Throws when libpcap does not understand `expression`.
    package init(_ expression: String) throws(CaptureError) {
        self.expression = expression
        _ = try unsafe program(for: .ethernet)
    }

    /// Keeps the packets of `batch` that match.
    package mutating func apply(to batch: inout PacketBatch) throws(CaptureError) {
        var kept: [PacketBatch.Packet] = []
        kept.reserveCapacity(batch.packets.count)
        for packet in batch.packets {
            let program = try unsafe program(for: packet.link)
            var header = pcap_pkthdr()
            header.caplen = UInt32(packet.capturedBytes)
            header.len = UInt32(clamping: packet.wireBytes)
            let isMatch = unsafe batch.bytes.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return false }
                return unsafe pcap_offline_filter(program, &header, base + packet.offset) != 0
            }
            if isMatch { kept.append(packet) }
        }
        batch.packets = kept
    }

    private mutating func program(
        for link: LinkType
    ) throws(CaptureError) -> UnsafeMutablePointer<bpf_program> {
        if let known = unsafe programs[link.number] { return unsafe known }
        guard let handle = unsafe pcap_open_dead(Int32(link.number), 262_144) else {
            throw CaptureError("filter: libpcap is out of memory")
        }
        defer { unsafe pcap_close(handle) }
        let program = UnsafeMutablePointer<bpf_program>.allocate(capacity: 1)
        unsafe program.initialize(to: bpf_program())
        guard unsafe pcap_compile(handle, program, expression, 1, UInt32.max) == 0 else {
            let reason = unsafe String(cString: pcap_geterr(handle))
            unsafe program.deallocate()
            throw CaptureError(
                "filter \"\(expression)\": \(reason); write it as for tcpdump (pcap-filter(7))",
                isUsage: true)
        }
        unsafe programs[link.number] = program
        return unsafe program
    }

    deinit {
        for unsafe(_, program) in unsafe programs {
            unsafe pcap_freecode(program)
            unsafe program.deallocate()
        }
    }
}
