/// The database refused: one sentence that says what, where and how to mend it.
package struct InventoryError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}
