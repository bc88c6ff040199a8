package import Wire

/// Events on their way out, in the order in which they were read.
package protocol Output: AnyObject {
    func write(_ event: Event) throws(OutputError)
    /// Everything written so far has reached its place.
    func flush() throws(OutputError)
}

/// An output could not be written: one sentence.
package struct OutputError: Error, Sendable, CustomStringConvertible {
    package var message: String
    /// The reader of a pipe has gone: not a failure, but nothing more is wanted.
    package var isBrokenPipe = false
    package var description: String { message }
}
