import Codecs
import Support
import Testing

@testable import Wire

/// OAuth around MCP: what is read of it, and that no secret is.
@Suite struct OAuthTests {
    private func read(
        _ text: String, _ side: Side, _ method: String, _ target: String,
        type: String = "application/json"
    ) -> AuthorizationMessage? {
        var fields = HTTPRequest.Fields()
        (fields.method, fields.target, fields.contentType) = (method, target, type)
        let request = HTTPRequest(fields)
        var answer = HTTPResponse.Fields()
        answer.request = request
        var found: AuthorizationMessage?
        if OAuthReader.takesForm(request) {
            OAuthReader.read(form: Array(text.utf8), Carrier(kind: .httpBody, request: request)) {
                if case .authorization(let message, _) = $0 { found = message }
            }
            return found
        }
        Content(
            bytes: Array(text.utf8), isTruncated: false,
            carrier: Carrier(
                kind: .httpBody, request: request,
                response: side == .server ? HTTPResponse(answer) : nil), side: side
        ).read { if case .authorization(let message, _) = $0 { found = message } }
        return found
    }

    @Test func metadataIsRead() throws {
        let resource = try #require(
            read(
                #"{"resource":"http://h.example/mcp?k=v","authorization_servers":["https://u:p@as.example/"],"scopes_supported":["a","b"]}"#,
                .server, "GET", "/.well-known/oauth-protected-resource/mcp"))
        #expect(resource.kind == .resourceMetadata && resource.resource == "http://h.example/mcp")
        #expect(resource.servers == ["https://as.example/"] && resource.scopes == ["a", "b"])
        let server = try #require(
            read(
                #"{"issuer":"https://as.example","token_endpoint":"https://as.example/token","registration_endpoint":"x","code_challenge_methods_supported":["S256"]}"#,
                .server, "GET", "/.well-known/oauth-authorization-server"))
        #expect(server.kind == .serverMetadata && server.issuer == "https://as.example")
        #expect(server.features == ["registration", "S256"])
        // The same object from anywhere else is nobody's metadata.
        #expect(read(#"{"resource":"http://h.example/mcp"}"#, .server, "GET", "/api") == nil)
    }

    private static let secret = "sEcReT7f3a9"

    @Test func registrationAndTokensAreReadWithoutTheirSecrets() throws {
        let secret = Self.secret
        let asks = try #require(
            read(
                #"{"client_name":"Agent","redirect_uris":["http://localhost:3030/cb?x=\#(secret)"]}"#,
                .client, "POST", "/register"))
        #expect(asks.kind == .registration && asks.clientName == "Agent")
        #expect(asks.redirectHosts == ["localhost:3030"])
        let registered = try #require(
            read(
                #"{"client_id":"\#(secret)","client_secret":"\#(secret)","redirect_uris":[]}"#,
                .server, "POST", "/register"))
        #expect(registered.kind == .registered && registered.hasSecret && registered.client == nil)
        let form =
            "grant_type=authorization_code&code=\(secret)&code_verifier=\(secret)&resource=http%3A%2F%2Fh.example%2Fmcp&client_id=https://agent.example/id.json&client_secret=\(secret)&scope=a+b"
        let token = try #require(
            read(form, .client, "POST", "/token", type: "application/x-www-form-urlencoded"))
        #expect(token.grant == "authorization_code" && token.resource == "http://h.example/mcp")
        #expect(token.client == "https://agent.example/id.json" && token.scopes == ["a", "b"])
        let issued = try #require(
            read(
                #"{"access_token":"\#(secret)","refresh_token":"\#(secret)","expires_in":3600,"scope":"a"}"#,
                .server, "POST", "/token"))
        #expect(issued.kind == .tokenIssued && issued.lifetime == 3600 && issued.hasRefreshToken)
        for message in [asks, registered, token, issued] { #expect(!"\(message)".contains(secret)) }
        let type = "application/x-www-form-urlencoded"
        #expect(read("a=b&c=d", .client, "POST", "/token", type: type) == nil)
        // Nowhere else is a form looked at.
        #expect(read(form, .client, "POST", "/search", type: type) == nil)
        #expect(read(form, .client, "POST", "/token", type: "text/plain") == nil)
    }

    @Test func aPersonIsSentToAuthorize() throws {
        var fields = HTTPRequest.Fields()
        (fields.method, fields.version) = ("GET", "HTTP/1.1")
        fields.target =
            "/authorize?response_type=code&client_id=\(Self.secret)&code_challenge=\(Self.secret)&code_challenge_method=S256&resource=https://h.example/mcp&state=\(Self.secret)&redirect_uri=http://localhost:1/cb"
        let message = try #require(OAuthReader.authorize(HTTPRequest(fields)))
        #expect(message.resource == "https://h.example/mcp" && message.features == ["S256"])
        #expect(message.redirectHosts == ["localhost:1"] && message.client == nil)
        #expect(!"\(message)".contains(Self.secret))
        fields.target = "/authorize?x=1"
        #expect(OAuthReader.authorize(HTTPRequest(fields)) == nil)
        fields.target = "/authorize"
        #expect(OAuthReader.authorize(HTTPRequest(fields)) == nil)
    }

    /// Of a form that is cut off, the last value may be any part of one.
    @Test func aCutFormSaysNoHalfValue() {
        var request = HTTPRequest.Fields()
        (request.method, request.target) = ("POST", "/token")
        let carrier = Carrier(kind: .httpBody, request: HTTPRequest(request))
        for (form, isWhole, grant) in [
            ("grant_type=authorization_code&scope=a", true, "authorization_code"),
            ("grant_type=authorization_code&scope=a", false, "authorization_code"),
            ("grant_type=authorization_co", false, nil), ("grant_type=x", true, "x"),
        ] {
            var found: AuthorizationMessage?
            OAuthReader.read(form: Array(form.utf8), isWhole: isWhole, carrier) {
                if case .authorization(let message, _) = $0 { found = message }
            }
            #expect(found?.grant == grant)
            #expect(isWhole || found?.scopes ?? [] == [])
        }
        // A line without its version may be cut, and so may its last parameter.
        var line = HTTPRequest.Fields()
        line.method = "GET"
        line.target = "/authorize?response_type=code&resource=http://h.example/mcp"
        #expect(OAuthReader.authorize(HTTPRequest(line))?.resource == nil)
        line.version = "HTTP/1.1"
        #expect(OAuthReader.authorize(HTTPRequest(line))?.resource == "http://h.example/mcp")
    }

    @Test func aChallengeNamesItsMetadata() throws {
        let field =
            #"Bearer error="invalid_token", resource_metadata="https://h.example/.well-known/oauth-protected-resource", scope="a b""#
        let challenge = try #require(BearerChallenge(field)).message
        #expect(challenge.error == "invalid_token" && challenge.scopes == ["a", "b"])
        #expect(challenge.metadata == "https://h.example/.well-known/oauth-protected-resource")
        #expect(BearerChallenge("Basic realm=\"x\"") == nil)
        #expect(BearerChallenge("Bearer") == nil && BearerChallenge("Bearer realm=x") == nil)
        #expect(BearerChallenge("Bearer scope=\"a")?.scope == "a")
    }

    // MARK: - Claims

    private func token(_ claims: String, head: String = #"{"alg":"RS256","typ":"at+jwt"}"#)
        -> [UInt8]
    {
        let coded = [head, claims].map { part in
            Base64.encode(Array(part.utf8)).filter { $0 != "=" }
                .map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        }
        return Array((String(coded[0]) + "." + String(coded[1]) + ".c2ln").utf8)
    }

    private func claims(_ token: [UInt8]) -> TokenClaims? { TokenClaims(token.span) }

    @Test func claimsAreRead() throws {
        let text =
            #"{"iss":"https://as.example","sub":"planner-agent","aud":["https://h.example/mcp"],"client_id":"https://a.example/id","scope":"x y","iat":100,"exp":400,"act":{"sub":"billing","act":{"sub":"alice@corp.example"}}}"#
        let read = try #require(claims(token(text)))
        #expect(read.type == "at+jwt" && read.issuer == "https://as.example")
        #expect(
            read.subject?.name == "planner-agent" && read.client?.name == "https://a.example/id")
        #expect(read.audience == ["https://h.example/mcp"] && read.scopes == ["x", "y"])
        #expect(read.issued == 100 && read.expires == 400)
        #expect(read.actors.map(\.name) == ["billing", nil])
    }

    @Test func whoMayComeToActIsRead() {
        let text = #"{"sub":"a","may_act":{"iss":"x","sub":"planner","sub2":[1]},"scope":"s"}"#
        let read = claims(token(text))
        #expect(read?.mayAct?.name == "planner" && read?.scopes == ["s"] && read?.actors == [])
        #expect(claims(token(#"{"may_act":7,"sub":"a"}"#))?.subject?.name == "a")
        #expect(claims(token(#"{"may_act":7,"sub":"a"}"#))?.mayAct == nil)
    }

    @Test func personsHaveNoName() {
        let persons = [
            "alice@corp.example", "auth0|5f7c8ec7c33c6c004bbafe82", "248289761001", "",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "Alice Berg", String(repeating: "a", count: 60),
        ]
        #expect(persons.map { Principal($0).name } == persons.map { _ in nil })
        let programs = ["planner-agent", "svc.billing_2", "spiffe://corp.example/ns/a/sa/b"]
        #expect(programs.map { Principal($0).name } == programs)
        #expect(Principal("alice@x.example").mark != Principal("bob@x.example").mark)
    }

    @Test func whatIsNoJWTHasNoClaims() {
        let tokens = [
            Array("opaque".utf8), Array("a.b".utf8), Array("a.b.c".utf8), Array("a.b.c.d.e".utf8),
            token("{}", head: "{}"), token("[]"), token("{\"sub\":"), [46, 46],
        ]
        #expect(tokens.map { claims($0) == nil } == tokens.map { _ in true })
        let deep =
            String(repeating: #"{"act":"#, count: 20) + "1" + String(repeating: "}", count: 20)
        #expect(claims(token(deep))?.actors.count == 8)
    }

    @Test func base64IsDecodedStrictly() {
        for text in ["", "a", "ab", "abc", "\u{0}ÿ~?>"] {
            #expect(Base64.decode(Array(Base64.encode(Array(text.utf8)).utf8)) == Array(text.utf8))
        }
        for text in ["a", "ab=", "a===", "ab=c", "a b=", "YR==", "_-8="] {
            #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(Base64.decodeURL(Array("_-8".utf8)) == [0xff, 0xef])
    }
}
