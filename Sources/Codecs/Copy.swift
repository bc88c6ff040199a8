import Glibc

/// What the C library does with bytes in one go: byte by byte it would cost more than the packet.
extension [UInt8] {
    /// Appends the bytes of `span`.
    package mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { bytes in unsafe append(contentsOf: bytes) }
    }

    /// The bytes of `span`.
    package init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { bytes in unsafe Array(bytes) }
    }
}

extension [UInt16] {
    /// The numbers of `span`.
    package init(copying span: Span<UInt16>) {
        self = unsafe span.withUnsafeBufferPointer { numbers in unsafe Array(numbers) }
    }
}

extension String {
    /// The text of `span`; bytes that are no UTF-8 become U+FFFD.
    package init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { bytes in
            unsafe String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension Span<UInt8> {
    /// Copies the bytes of `range` to the beginning of `target`.
    package func copy(_ range: Range<Int>, to target: inout InlineArray<256, UInt8>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && range.count <= 256)
        var out = target.mutableSpan
        unsafe out.withUnsafeMutableBytes { out in
            unsafe withUnsafeBytes { bytes in
                guard let to = out.baseAddress, let from = bytes.baseAddress else { return }
                unsafe to.copyMemory(from: from + range.lowerBound, byteCount: range.count)
            }
        }
    }

    /// Whether all bytes are printable ASCII but no backslash, and `dots` of them dots.
    package func isPlainName(dots: Int) -> Bool {
        unsafe withUnsafeBytes { bytes in
            var others: UInt8 = 0
            var found = 0
            for at in bytes.indices {
                let byte = unsafe bytes[at]
                others |= byte &- 33 < 94 && byte != 92 ? 0 : 1
                found &+= byte == 46 ? 1 : 0
            }
            return others == 0 && found == dots
        }
    }

    /// Index of the first `byte` in `range`, which is clamped to the span; nil when there is none.
    package func position(of byte: UInt8, in range: Range<Int>) -> Int? {
        let (from, to) = (Swift.max(0, range.lowerBound), Swift.min(count, range.upperBound))
        guard from < to else { return nil }
        return unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + from, Int32(byte), to - from)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Whether the bytes are those of `other`.
    package func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { a in
            unsafe other.withUnsafeBytes { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return true }
                return unsafe memcmp(a, b, count) == 0
            }
        }
    }

    /// Whether the bytes are `text`, ASCII.
    @inline(__always)
    package func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && holds(text, at: 0)
    }

    /// Whether the bytes are `text`, ASCII in lower case, in any case.
    package func equals(anyCase text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && holds(anyCase: text, at: 0)
    }

    /// Whether `text`, ASCII in lower case, stands at `offset` in any case.
    package func holds(anyCase text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset <= count, length <= count - offset else { return false }
        return unsafe withUnsafeBytes { bytes in
            for at in 0..<length {
                let byte = unsafe bytes[offset + at]
                let lower = byte >= 65 && byte <= 90 ? byte &+ 32 : byte
                if unsafe lower != text.utf8Start[at] { return false }
            }
            return true
        }
    }

    /// Whether `text`, ASCII in lower case, begins with the bytes in any case.
    package func begins(anyCase text: StaticString) -> Bool {
        guard count <= text.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBytes { bytes in
            for at in bytes.indices {
                let byte = unsafe bytes[at]
                let lower = byte >= 65 && byte <= 90 ? byte &+ 32 : byte
                if unsafe lower != text.utf8Start[at] { return false }
            }
            return true
        }
    }

    /// Whether no byte is beyond ASCII.
    package var isASCII: Bool {
        unsafe withUnsafeBytes { bytes in
            var all: UInt8 = 0
            for at in bytes.indices { unsafe all |= bytes[at] }
            return all < 128
        }
    }

    /// Whether some byte is a control of ASCII.
    package var hasControl: Bool {
        unsafe withUnsafeBytes { bytes in
            var any = false
            for at in bytes.indices {
                let byte = unsafe bytes[at]
                any = any || byte < 32 || byte == 127
            }
            return any
        }
    }

    /// Whether `text`, ASCII, stands at `offset`.
    package func holds(_ text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset <= count, length <= count - offset else { return false }
        return unsafe withUnsafeBytes { bytes in
            guard length > 0, let base = bytes.baseAddress else { return true }
            return unsafe memcmp(base + offset, text.utf8Start, length) == 0
        }
    }
}
