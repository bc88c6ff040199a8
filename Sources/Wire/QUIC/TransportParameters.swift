/// What a QUIC client offers of its transport (RFC 9000 §18): told in the open, so it tells stacks
/// and versions apart where names and ciphers are the same.
package struct TransportParameters: Sendable, Hashable {
    /// A parameter whose value is one number, or whose presence says it all.
    package enum Parameter: Int, Sendable, CaseIterable {
        /// Milliseconds.
        case maxIdleTimeout = 0x01
        /// Bytes.
        case maxUDPPayloadSize = 0x03
        /// Bytes, as the four that follow.
        case initialMaxData = 0x04
        case initialMaxStreamDataBidiLocal = 0x05
        case initialMaxStreamDataBidiRemote = 0x06
        case initialMaxStreamDataUni = 0x07
        case initialMaxStreamsBidi = 0x08
        case initialMaxStreamsUni = 0x09
        case ackDelayExponent = 0x0a
        /// Milliseconds.
        case maxAckDelay = 0x0b
        case disableActiveMigration = 0x0c
        case activeConnectionIDLimit = 0x0e
        /// Bytes (RFC 9221 §3).
        case maxDatagramFrameSize = 0x20
        /// RFC 9287 §3.
        case greaseQUICBit = 0x2ab2
        /// Of Google's clients: microseconds.
        case initialRTT = 0x3127

        /// The name in the registry (IANA "QUIC Transport Parameters").
        package var name: String {
            switch self {
            case .maxIdleTimeout: "max_idle_timeout"
            case .maxUDPPayloadSize: "max_udp_payload_size"
            case .initialMaxData: "initial_max_data"
            case .initialMaxStreamDataBidiLocal: "initial_max_stream_data_bidi_local"
            case .initialMaxStreamDataBidiRemote: "initial_max_stream_data_bidi_remote"
            case .initialMaxStreamDataUni: "initial_max_stream_data_uni"
            case .initialMaxStreamsBidi: "initial_max_streams_bidi"
            case .initialMaxStreamsUni: "initial_max_streams_uni"
            case .ackDelayExponent: "ack_delay_exponent"
            case .maxAckDelay: "max_ack_delay"
            case .disableActiveMigration: "disable_active_migration"
            case .activeConnectionIDLimit: "active_connection_id_limit"
            case .maxDatagramFrameSize: "max_datagram_frame_size"
            case .greaseQUICBit: "grease_quic_bit"
            case .initialRTT: "initial_rtt"
            }
        }

        var isFlag: Bool { self == .disableActiveMigration || self == .greaseQUICBit }
    }

    package struct Value: Sendable, Hashable {
        package var parameter: Parameter
        /// In the parameter's unit; nil for one that is either there or not.
        package var number: Int?
    }

    /// All parameters as the client sent them, at most 64; those that only keep servers tolerant
    /// (31 · N + 27, RFC 9000 §18.1) as the first of them, 27.
    package private(set) var order: [Int] = []
    /// Those of known meaning, in that order; of one sent twice the first (which breaks RFC 9000
    /// §7.4).
    package private(set) var values: [Value] = []
    /// Bytes of `initial_source_connection_id`; nil where it was not sent.
    package private(set) var connectionIDLength: Int?
    /// Versions that the client would also speak, the one it likes best first, at most 16; none
    /// without `version_information` (RFC 9368 §3).
    package private(set) var availableVersions: [QUICVersion] = []
    /// Of Google's clients: the program and its system.
    package private(set) var userAgent: String?
    /// A parameter was not as it should be; the others stand.
    package private(set) var isBroken = false

    private static let orderLimit = 64
    private static let versionLimit = 16
    private static let sourceConnectionID = 0x0f
    private static let versionInformation = 0x11
    /// `version_information` before its number was given (drafts of RFC 9368).
    private static let versionInformationDraft = 0xff73db
    /// `user_agent`, which Chromium's clients send.
    private static let userAgentParameter = 0x3129
    private static let grease = 27

    /// Reads the extension's body. `isWide`: numbers and lengths of two bytes, and a length before
    /// all, as before draft 27.
    init(parsing body: ByteReader, isWide: Bool) {
        var input = body
        do throws(ParseFailure) {
            if isWide { try input.skip(2) }
            while !input.isAtEnd {
                let id = isWide ? Int(try input.uint16()) : try input.variable()
                let length = isWide ? Int(try input.uint16()) : try input.variable()
                var value = try input.take(length)
                take(id, &value)
            }
        } catch { isBroken = true }
    }

    private mutating func take(_ id: Int, _ value: inout ByteReader) {
        let isGREASE = id % 31 == TransportParameters.grease
        if order.count < TransportParameters.orderLimit {
            order.append(isGREASE ? TransportParameters.grease : id)
        }
        switch id {
        case TransportParameters.sourceConnectionID: connectionIDLength = value.remaining
        case TransportParameters.userAgentParameter:
            if userAgent == nil, value.remaining > 0 {
                userAgent = value.text(Limits.standard.fieldBytes)
            }
        case TransportParameters.versionInformation, TransportParameters.versionInformationDraft:
            takeVersions(&value)
        default:
            guard let parameter = Parameter(rawValue: id) else { return }
            takeNumber(parameter, &value)
        }
    }

    private mutating func takeNumber(_ parameter: Parameter, _ value: inout ByteReader) {
        guard !values.contains(where: { $0.parameter == parameter }) else {
            isBroken = true
            return
        }
        if parameter.isFlag {
            isBroken = isBroken || !value.isAtEnd
            values.append(Value(parameter: parameter, number: nil))
            return
        }
        do throws(ParseFailure) {
            let number = try value.variable()
            isBroken = isBroken || !value.isAtEnd
            values.append(Value(parameter: parameter, number: number))
        } catch { isBroken = true }
    }

    /// The version in use, which the packets tell, then those to choose from.
    private mutating func takeVersions(_ value: inout ByteReader) {
        guard value.remaining % 4 == 0, value.remaining > 0, availableVersions.isEmpty else {
            isBroken = true
            return
        }
        do throws(ParseFailure) {
            try value.skip(4)
            while !value.isAtEnd, availableVersions.count < TransportParameters.versionLimit {
                availableVersions.append(QUICVersion(try value.uint32()))
            }
        } catch { isBroken = true }
    }
}
