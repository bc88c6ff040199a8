package import Codecs

/// A request to a model, or what of its answer is no content.
package struct ModelCall: Sendable, Hashable {
    package enum API: String, Sendable, CaseIterable {
        case openAIChat = "openai-chat"
        case openAICompletions = "openai-completions"
        case openAIResponses = "openai-responses"
        case openAIEmbeddings = "openai-embeddings"
        case openAIModels = "openai-models"
        case anthropicMessages = "anthropic-messages"
        case anthropicCountTokens = "anthropic-count-tokens"
        case mistralChat = "mistral-chat"
        case cohereChat = "cohere-chat"
        case bedrockConverse = "bedrock-converse"
        case bedrockInvoke = "bedrock-invoke"
        case ollamaChat = "ollama-chat"
        case ollamaGenerate = "ollama-generate"
        case ollamaEmbed = "ollama-embed"
        case ollamaTags = "ollama-tags"
        case geminiGenerate = "gemini-generate"
        case geminiEmbed = "gemini-embed"
        case llamaCompletion = "llama-cpp-completion"
        case tgiGenerate = "tgi-generate"

        /// The list of models that a path names, where no answer shows it; nil for other paths.
        package init?(listPath path: String) {
            if path.hasSuffix("/api/tags") {
                self = .ollamaTags
            } else if path.hasSuffix("/v1/models") {
                self = .openAIModels
            } else {
                return nil
            }
        }

        /// A list of models, asked for without a body.
        package var isList: Bool { self == .ollamaTags || self == .openAIModels }
    }
    /// Tokens as the API counts them.
    package struct Usage: Sendable, Hashable {
        package var input: Int?
        package var output: Int?
        /// Of the input, those that were read from a cache.
        package var cached: Int?
        /// Of the output, those that were thought and not said.
        package var reasoning: Int?

        package init() {}

        package var isEmpty: Bool {
            input == nil && output == nil && cached == nil && reasoning == nil
        }
    }
    /// An MCP server that the model's side is told to call: its traffic is never seen here.
    package struct RemoteMCP: Sendable, Hashable {
        package var label: String
        /// Host and port of its URL; nil for a vendor's own connector.
        package var host: String?
    }
    /// A tool that the model wants called.
    package struct ToolRequest: Sendable, Hashable {
        /// At most 128 bytes.
        package var name: String
        /// Stands for its arguments.
        package var mark: ArgumentMark

        package init(name: String, mark: ArgumentMark) {
            self.name = name
            self.mark = mark
        }
    }
    package var api: API
    /// Seen in a response rather than in a request.
    package var isAnswer: Bool
    /// The model asked for, or that says it answered; at most 128 bytes.
    package var model: String?
    package var isStreaming: Bool
    /// Names of the tools offered, at most 128.
    package var toolNames: [String]
    /// Tools offered, named or not.
    package var toolCount = 0
    /// Names of the tools that the answer asks for, at most 128.
    package var toolsCalled: [String] = []
    /// Of the tools that the answer asks for, those whose arguments are whole and telling, when
    /// they became so; at most 128.
    package var toolRequests: [ToolRequest] = []
    /// Stand for the ids of the calls that the answer asks for, or whose results the request brings
    /// back, which are its last: at most 32, under a secret of this run.
    package var callIDs: [UInt64] = []
    /// Results of tools that the request brings back, of this and earlier turns.
    package var toolResults = 0
    package var usage = Usage()
    /// Why the answer ended, in the API's word: `stop`, `tool_use`, …
    package var outcome: String?
    /// The person for whom it is asked, where the caller says so.
    package var endUser: Pseudonym?
    /// At most 32.
    package var remoteMCP: [RemoteMCP] = []

    package init(
        api: API, isAnswer: Bool, model: String?, isStreaming: Bool, toolNames: [String]
    ) {
        self.api = api
        self.isAnswer = isAnswer
        self.model = model
        self.isStreaming = isStreaming
        self.toolNames = toolNames
    }
}

/// A mark by which a program that serves models gives itself away.
package struct RuntimeMark: Sendable, Hashable {
    /// The program, as the catalog of runtimes calls it: `llama-cpp`, `vllm`, …
    package var runtime: String
    /// What was seen: `Server: llama.cpp`, `/props with default_generation_settings`.
    package var mark: String
    /// Only this program has it; else others may have copied it.
    package var isProof: Bool
    /// The model that it says it serves; at most 128 bytes.
    package var model: String?
}
