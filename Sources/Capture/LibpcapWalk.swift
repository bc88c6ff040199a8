import CPcap

/// The floor a sensor is measured against: a loop over libpcap's own reader that touches each
/// packet's first header bytes, and does nothing else.
package enum LibpcapWalk {
    /// Packets, their captured bytes, and a number that depends on what was touched, so that no
    /// compiler leaves the touching out.
    package struct Result: Sendable {
        package var packets = 0
        package var bytes = 0
        package var mixed: UInt64 = 0
    }

    package static func walk(_ path: String) throws(CaptureError) -> Result {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = unsafe pcap_open_offline(path, &message) else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw CaptureError("\(path): \(String(decoding: text, as: UTF8.self))")
        }
        defer { unsafe pcap_close(handle) }
        var result = Result()
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        while unsafe pcap_next_ex(handle, &header, &bytes) == 1 {
            guard let header = unsafe header, let bytes = unsafe bytes else { break }
            let captured = Int(unsafe header.pointee.caplen)
            result.packets += 1
            result.bytes += captured
            guard captured >= 38 else { continue }
            let touched = unsafe (UInt64(bytes[12]) &+ UInt64(bytes[23]) &+ UInt64(bytes[30]))
            result.mixed = result.mixed &* 31 &+ touched
        }
        return result
    }
}
