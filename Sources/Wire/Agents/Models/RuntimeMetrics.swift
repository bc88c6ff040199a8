import Codecs

/// The names of what a program that serves models counts, in the text that it gives at `/metrics`
/// (Prometheus exposition format): a line of its own says whose it is.
struct RuntimeMetrics {
    /// The longest beginning of a name that tells.
    private static let nameBytes = 14

    /// A line's beginning, until it is long enough.
    private var line: [UInt8] = []
    private var isPassing = false
    /// A name was found; nothing more is looked for.
    private(set) var isDone = false

    /// Takes more of the text; gives the mark of the first line that bears one.
    mutating func feed(_ bytes: Span<UInt8>) -> RuntimeMark? {
        var at = 0
        while at < bytes.count, !isDone {
            if isPassing {
                guard let end = bytes.position(of: 10, in: at..<bytes.count) else { return nil }
                at = end + 1
                isPassing = false
                continue
            }
            let byte = bytes[at]
            at += 1
            if byte != 10 { line.append(byte) }
            guard byte == 10 || line.count == Self.nameBytes else { continue }
            isPassing = byte != 10
            let mark = Self.mark(line.span)
            line.removeAll(keepingCapacity: true)
            guard let mark else { continue }
            isDone = true
            return mark
        }
        return nil
    }

    private static func mark(_ line: Span<UInt8>) -> RuntimeMark? {
        let (name, runtime, isProof): (String, String, Bool)
        if line.holds("vllm:", at: 0) {
            (name, runtime, isProof) = ("vllm:", "vllm", true)
        } else if line.holds("sglang:", at: 0) {
            (name, runtime, isProof) = ("sglang:", "sglang", true)
        } else if line.holds("llamacpp:", at: 0) {
            (name, runtime, isProof) = ("llamacpp:", "llama-cpp", true)
        } else if line.holds("nv_inference_", at: 0) {
            (name, runtime, isProof) = ("nv_inference_", "triton", true)
        } else if line.holds("tgi_", at: 0) {
            (name, runtime, isProof) = ("tgi_", "tgi", false)
        } else if line.holds("litellm_", at: 0) {
            (name, runtime, isProof) = ("litellm_", "litellm-proxy", false)
        } else {
            return nil
        }
        return RuntimeMark(
            runtime: runtime, mark: "\(name)… counted at /metrics", isProof: isProof)
    }
}

/// Programs between a client and a model that name themselves in the head of an answer.
enum RuntimeHeader: Sendable, Hashable {
    case liteLLM, portkey, oneAPI
    /// `x-compute-type`, of Hugging Face's servers of texts and of embeddings.
    case compute

    func runtime(isEmbedding: Bool) -> (runtime: String, mark: String) {
        switch self {
        case .liteLLM: ("litellm-proxy", "an x-litellm field on an answer")
        case .portkey: ("portkey-gateway", "an x-portkey field on an answer")
        case .oneAPI: ("one-api", "X-Oneapi-Request-Id on an answer")
        case .compute: (isEmbedding ? "tei" : "tgi", "x-compute-type on an answer")
        }
    }
}
