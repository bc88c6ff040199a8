import Codecs
import GRDB
import Wire

/// Requests to a model by one client.
struct ModelUseRow: Row, Equatable {
    struct Key: TableKey {
        var endpoint: Endpoint
        var path: String
        var api: ModelCall.API
        var client: Tenant
        var userAgent: String
        var model: String

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(
                endpoint.hash(secret) ^ client.hash(secret),
                secret.of(path) ^ secret.of(model).byteSwapped ^ secret.of(userAgent))
        }
    }
    /// What is only added up.
    struct Sums: Equatable {
        /// Requests that offered tools, and that brought back what tools gave.
        var offering = 0
        var returning = 0
        /// Tools that answers asked for.
        var called = 0
        /// Answers with a status of 400 and more.
        var errors = 0
        // Tokens, as the API counts them.
        var input = 0
        var output = 0
        var cached = 0
        var reasoning = 0

        static func += (left: inout Sums, right: Sums) {
            left.offering += right.offering
            left.returning += right.returning
            left.called += right.called
            left.errors += right.errors
            // What a server claims may be any number.
            left.input = sum(left.input, right.input)
            left.output = sum(left.output, right.output)
            left.cached = sum(left.cached, right.cached)
            left.reasoning = sum(left.reasoning, right.reasoning)
        }

        private static func sum(_ left: Int, _ right: Int) -> Int {
            let (sum, isTooLarge) = left.addingReportingOverflow(right)
            return isTooLarge ? .max : sum
        }
    }
    var key: Key
    var streaming: Int
    /// Requests that were answered with 2xx.
    var answered: Int
    var sums = Sums()
    /// `count` counts requests.
    var seen: Period

    mutating func merge(_ other: ModelUseRow) {
        streaming += other.streaming
        answered += other.answered
        sums += other.sums
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO model_use (endpoint, path, api, client, user_agent, model, requests, streaming,
            answered, first_seen, last_seen, offering, results, called, errors, input_tokens,
            output_tokens, cached_tokens, reasoning_tokens)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        requests = requests + excluded.requests, streaming = streaming + excluded.streaming,
        answered = answered + excluded.answered, offering = offering + excluded.offering,
        results = results + excluded.results, called = called + excluded.called,
        errors = errors + excluded.errors, input_tokens = input_tokens + excluded.input_tokens,
        output_tokens = output_tokens + excluded.output_tokens,
        cached_tokens = cached_tokens + excluded.cached_tokens,
        reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.endpoint.description, key.path, key.api.rawValue, key.client.description,
            key.userAgent, key.model, seen.count, streaming, answered, seen.first.nanoseconds,
            seen.last.nanoseconds, sums.offering, sums.returning, sums.called, sums.errors,
            sums.input, sums.output, sums.cached, sums.reasoning,
        ]
    }
}
