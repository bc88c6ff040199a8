import Codecs
import Wire

/// For whom a request was made and through whose hands, as its token claims: nobody has checked it.
/// Numbers stand for the names, in memory only.
struct TokenLineage {
    /// Issuer and subject.
    let subject: UInt64
    let issuer: String?
    /// Who acts for the subject, the present one first (RFC 8693 §4.1).
    private let actors: [UInt64]
    private let client: UInt64?
    /// Whom the token is for, and who may come to act with it (RFC 8693 §4.4).
    private let named: [UInt64]
    /// The client is its own subject: a program that acts for nobody (RFC 9068 §2.2).
    let isOfProgram: Bool

    /// Nil where no subject is named.
    init?(_ claims: TokenClaims?) {
        guard let claims, let subject = claims.subject else { return nil }
        issuer = claims.issuer
        // The same in every run, for a hash of it under the installation's key is kept.
        self.subject = SessionKey.of("\(subject.mark)\u{1f}\(claims.issuer ?? "")")
        actors = claims.actors.map(\.mark)
        client = claims.client?.mark
        named = claims.audience.map { SessionKey.of($0) } + (claims.mayAct.map { [$0.mark] } ?? [])
        isOfProgram = claims.client == subject
    }

    /// Whether an exchange of this token makes `inner`: one subject, and one actor more.
    func isExchanged(for inner: TokenLineage) -> Bool {
        inner.subject == subject && inner.actors.count == actors.count + 1
            && inner.actors.dropFirst().elementsEqual(actors)
    }

    /// Whether this token says that whoever acts by `inner` might come to do so.
    func names(actorOf inner: TokenLineage) -> Bool {
        inner.actors.first.map { named.contains($0) } ?? false
    }

    /// Whether both are for one person, each with another client. One client, or none, may be a
    /// token that a whole fleet shares.
    func isShared(by inner: TokenLineage) -> Bool {
        guard let client, let other = inner.client else { return false }
        return inner.subject == subject && client != other && inner.actors == actors
            && !isOfProgram && !inner.isOfProgram
    }
}
