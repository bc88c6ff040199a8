import Foundation

/// Words to the person at the keyboard, on standard error: standard output is for results.
enum Terminal {
    static func note(_ text: String) {
        FileHandle.standardError.write(Data("tyto: \(text)\n".utf8))
    }

    static func notes(_ lines: [String]) {
        FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}
