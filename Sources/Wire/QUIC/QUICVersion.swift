import Codecs

/// A version of QUIC as it stands in a long header (RFC 9000 §15), and what differs between them.
package struct QUICVersion: BitwiseCopyable, Hashable, Sendable {
    package var number: UInt32

    package init(_ number: UInt32) { self.number = number }

    /// What stands in place of a version where the server names those it has (RFC 9000 §17.2.1).
    static let negotiation = QUICVersion(0)
    static let one = QUICVersion(1)
    /// RFC 9369 §3.1.
    static let two = QUICVersion(0x6b33_43cf)
    /// draft-ietf-quic-v2-01 and later.
    static let twoDraft = QUICVersion(0x709a_50c4)
    /// draft-ietf-quic-v2-00, which still had the packet types of version 1.
    static let twoDraft0 = QUICVersion(0xff02_0000)

    /// How a version's packets are laid out.
    enum Layout: Equatable {
        /// The long header of RFC 8999 and what drafts 22 and later put in it.
        case standard
        /// That header, and in it Google's own frames: Q050, T050, T051.
        case googleFrames
        /// Google's, with a long header and the lengths of both ids in one byte: Q044 to Q049.
        case googleLong
        /// Google's public header: Q024 to Q043.
        case googlePublic
    }

    /// Nil for a version that is not read.
    var layout: Layout? {
        switch number {
        case 1, QUICVersion.two.number, QUICVersion.twoDraft.number: return .standard
        case QUICVersion.twoDraft0.number: return .standard
        case 0xff00_0016...0xff00_0022: return .standard
        case _ where isPrivate || isReserved: return .standard
        default: break
        }
        guard let google = googleNumber else { return nil }
        switch (number >> 24, google) {
        case (0x51, 24...43): return .googlePublic
        case (0x51, 44...49): return .googleLong
        case (0x51, 50), (0x54, 50...51): return .googleFrames
        default: return nil
        }
    }

    /// One of those that only serve to make a server name its own (RFC 9000 §15).
    var isReserved: Bool { number & 0x0f0f_0f0f == 0x0a0a_0a0a }

    /// Of one implementation, for what it tries out (IANA "QUIC Versions"; the base drafts' wiki).
    /// Facebook's mvfst has several at a time.
    var isPrivate: Bool {
        switch number >> 8 {
        // mvfst; quicly; quic-go; quant; MsQuic; picoquic's internal ones.
        case 0xface_b0, 0x91c1_70, 0x5147_4f, 0x4547_47, 0xabcd_00: return true
        default: return number == 0x5043_5130 || number == 0x5043_5131
        }
    }

    /// The number in `Q043` or `T051`: three digits behind a letter.
    var googleNumber: Int? {
        guard number >> 24 == 0x51 || number >> 24 == 0x54 else { return nil }
        var value = 0
        for shift in [16, 8, 0] {
            let digit = Int(number >> UInt32(shift) & 255) - 48
            guard (0...9).contains(digit) else { return nil }
            value = 10 * value + digit
        }
        return value
    }

    /// The handshake is Google's own, not TLS: all versions with a Q.
    var hasGoogleHello: Bool { googleNumber != nil && number >> 24 == 0x51 }

    /// Version 2 has the packet types in another order (RFC 9369 §3.2).
    var isSecond: Bool { self == .two || self == .twoDraft }

    /// Transport parameters have two-byte numbers and lengths, and a length before all (drafts
    /// before 27).
    var hasWideParameters: Bool {
        number == 0xface_b001 || (0xff00_0016...0xff00_001a).contains(number)
            || number == 0x5430_3530
    }

    /// As Suricata writes it where it has a name for it: `1`, `2`, `draft-29`, `Q046`, or eight hex
    /// digits.
    package var text: String {
        switch number {
        case 1: return "1"
        case QUICVersion.two.number: return "2"
        case 0xff00_0000...0xff00_00ff: return "draft-\(number & 255)"
        default: break
        }
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
        return googleNumber == nil ? Hash.hex(bytes) : String(decoding: bytes, as: UTF8.self)
    }
}
