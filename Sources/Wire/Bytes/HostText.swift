import Codecs

extension String {
    /// A host name in lower case, of at most 255 bytes; bytes that no host name has become `\xHH`,
    /// so none can fake another.
    init(hostName name: Span<UInt8>) {
        var isPlain = name.count <= 255
        for at in name.indices where isPlain {
            let byte = name[at]
            isPlain = byte > 32 && byte < 127 && !(byte >= 65 && byte <= 90)
        }
        if isPlain {
            self.init(copying: name)
            return
        }
        var out: [UInt8] = []
        for at in 0..<Swift.min(name.count, 255) {
            let byte = name[at]
            switch byte {
            case 65...90: out.append(byte + 32)
            case 33...126: out.append(byte)
            default: out += Array("\\x".utf8) + Array(Hash.hex([byte]).utf8)
            }
        }
        self.init(decoding: out, as: UTF8.self)
    }
}
