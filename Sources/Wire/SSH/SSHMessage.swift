/// What both sides of an SSH connection said in the clear (RFC 4253 §§4.2, 7.1).
package struct SSHMessage: Sendable, Hashable {
    /// One side's banner and what it offered.
    package struct Party: Sendable, Hashable {
        /// `2.0`, `1.99`, …
        package var protocolVersion: String
        /// Software and version, without the comments that may follow: `OpenSSH_9.6p1`.
        package var software: String
        /// HASSH of a client, HASSHServer of a server: an MD5 in 32 hex digits; nil when the side's
        /// KEXINIT was not seen whole.
        package var hassh: String?
        /// What the hash stands for; nil where it is longer than `Limits.fieldBytes`.
        package var algorithms: String?
    }
    package var client: Party?
    package var server: Party?
}
