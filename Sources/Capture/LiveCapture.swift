import CPcap
import Glibc
package import Wire

/// A network interface that is listened to through libpcap. Nothing is ever sent.
@safe package struct LiveCapture: PacketSource, ~Copyable {
    /// Packets taken at once, and how long to wait for them.
    private static let batchPackets: Int32 = 256
    private static let waitMilliseconds: Int32 = 100
    /// What the kernel may queue while we are busy.
    private static let kernelBytes: Int32 = 32 << 20

    /// What libpcap counted: packets seen, and packets the kernel or the card let go.
    package struct Counts: Sendable {
        package var received = 0
        package var droppedByKernel = 0
        package var droppedByInterface = 0
    }

    /// What the callback fills; a plain struct behind a pointer, as the fastest way in.
    fileprivate struct Target {
        var batch = PacketBatch()
        var link: LinkType
        var isNanosecond: Bool
        var nextNumber: UInt64 = 1
    }

    private let handle: OpaquePointer
    private let target: UnsafeMutablePointer<Target>
    package let interface: String

    /// Opens `interface` in promiscuous mode, with an optional BPF filter.
    package init(interface: String, filter: String?) throws(CaptureError) {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let made = unsafe pcap_create(interface, &message) else {
            throw CaptureError("\(interface): \(LiveCapture.text(message))", isUsage: true)
        }
        do throws(CaptureError) {
            try unsafe LiveCapture.activate(made, interface, filter)
        } catch {
            unsafe pcap_close(made)
            throw error
        }
        unsafe handle = made
        self.interface = interface
        let target = UnsafeMutablePointer<Target>.allocate(capacity: 1)
        unsafe target.initialize(
            to: Target(
                link: LinkType(UInt16(truncatingIfNeeded: pcap_datalink(made))),
                isNanosecond: pcap_get_tstamp_precision(made) == PCAP_TSTAMP_PRECISION_NANO))
        unsafe self.target = target
    }

    private static func activate(
        _ handle: OpaquePointer, _ interface: String, _ filter: String?
    ) throws(CaptureError) {
        _ = unsafe pcap_set_snaplen(handle, 262_144)
        _ = unsafe pcap_set_promisc(handle, 1)
        _ = unsafe pcap_set_timeout(handle, waitMilliseconds)
        _ = unsafe pcap_set_buffer_size(handle, kernelBytes)
        _ = unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        let status = unsafe pcap_activate(handle)
        guard status >= 0 else {
            let detail = unsafe String(cString: pcap_geterr(handle))
            let reason = unsafe String(cString: pcap_statustostr(status))
            let isPermission = status == PCAP_ERROR_PERM_DENIED
            throw CaptureError(
                "\(interface): \(reason)\(detail.isEmpty ? "" : " (\(detail))"); "
                    + (isPermission
                        ? "run as root or give tyto the capability cap_net_raw"
                        : "`ip link` lists the interfaces"),
                isUsage: status == PCAP_ERROR_NO_SUCH_DEVICE)
        }
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard unsafe pcap_setnonblock(handle, 1, &message) == 0 else {
            throw CaptureError("\(interface): \(text(message))")
        }
        guard let filter else { return }
        var program = unsafe bpf_program()
        guard unsafe pcap_compile(handle, &program, filter, 1, UInt32.max) == 0 else {
            let reason = unsafe String(cString: pcap_geterr(handle))
            throw CaptureError(
                "filter \"\(filter)\": \(reason); write it as for tcpdump (pcap-filter(7))",
                isUsage: true)
        }
        defer { unsafe pcap_freecode(&program) }
        guard unsafe pcap_setfilter(handle, &program) == 0 else {
            throw CaptureError("filter: \(unsafe String(cString: pcap_geterr(handle)))")
        }
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Waits at most 100 ms; the batch is empty when nothing came.
    package mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        // libpcap's own wait has no end on an interface where nothing comes, so this one waits
        // instead.
        var descriptor = pollfd(
            fd: unsafe pcap_get_selectable_fd(handle), events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, LiveCapture.waitMilliseconds)
        unsafe target.pointee.batch.removeAll()
        let count = unsafe pcap_dispatch(
            handle, LiveCapture.batchPackets,
            { user, header, bytes in
                guard let user = unsafe user, let header = unsafe header, let bytes = unsafe bytes
                else { return }
                unsafe UnsafeMutableRawPointer(user).assumingMemoryBound(to: Target.self).pointee
                    .take(header.pointee, bytes)
            },
            UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self))
        guard count >= 0 || count == PCAP_ERROR_BREAK else {
            let reason = unsafe String(cString: pcap_geterr(handle))
            throw CaptureError("\(interface): \(reason)")
        }
        unsafe swap(&batch, &target.pointee.batch)
        if batch.packets.isEmpty { batch.idleTime = LiveCapture.now() }
        return true
    }

    private static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            seconds: UInt64(clamping: time.tv_sec), nanoseconds: UInt64(clamping: time.tv_nsec))
    }

    package func counts() -> Counts {
        var stats = pcap_stat()
        guard unsafe pcap_stats(handle, &stats) == 0 else { return Counts() }
        return Counts(
            received: Int(stats.ps_recv), droppedByKernel: Int(stats.ps_drop),
            droppedByInterface: Int(stats.ps_ifdrop))
    }

    deinit {
        unsafe pcap_close(handle)
        unsafe target.deinitialize(count: 1)
        unsafe target.deallocate()
    }
}

extension LiveCapture.Target {
    /// Copies one frame: libpcap's bytes are gone after the callback.
    fileprivate mutating func take(_ header: pcap_pkthdr, _ bytes: UnsafePointer<UInt8>) {
        let fraction = UInt64(clamping: header.ts.tv_usec)
        let frame = unsafe UnsafeBufferPointer(start: bytes, count: Int(header.caplen))
        unsafe batch.append(
            frame, wireBytes: Int(max(header.len, header.caplen)),
            time: Timestamp(
                seconds: UInt64(clamping: header.ts.tv_sec),
                nanoseconds: isNanosecond ? fraction : fraction * 1000),
            link: link, number: nextNumber)
        nextNumber += 1
    }
}
