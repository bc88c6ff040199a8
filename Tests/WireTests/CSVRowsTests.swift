import Testing

@testable import Wire

/// Tables as people and programs write them (RFC 4180).
struct CSVRowsTests {
    private func read(_ text: String, _ separator: UInt8 = UInt8(ascii: ",")) throws -> [[String]] {
        try CSVRows(text, separator: separator).rows.map(\.fields)
    }

    @Test(arguments: ["a,b\nc,d\n", "a,b\r\nc,d", "a,b\rc,d\r", "\u{feff} a , b\t\n\n\"c\",d\n"])
    func everyLineEndIsOne(_ text: String) throws {
        #expect(try read(text) == [["a", "b"], ["c", "d"]])
    }

    @Test func quotesHoldWhatWouldEndAField() throws {
        #expect(try read("\"a,\"\"b\"\"\nc\", d\n") == [["a,\"b\"\nc", "d"]])
        #expect(try read("\" a \",\"\"\n") == [[" a ", ""]])
        #expect(try read("a;b,c\n", UInt8(ascii: ";")) == [["a", "b,c"]])
        #expect(try read("a\"b,c\n") == [["a\"b", "c"]])
    }

    @Test func aRowHasTheLineItBeginsIn() throws {
        let rows = try CSVRows("a\n\"b\nb\"\n\nc\n").rows
        #expect(rows.map(\.line) == [1, 2, 5])
    }

    @Test func aQuoteThatIsNotClosedIsFoundByItsRow() {
        #expect(throws: CSVRows.Unclosed.self) { try CSVRows("a\n\"b\nc\n") }
        do {
            _ = try CSVRows("a\n\"b\nc\n")
        } catch {
            #expect(error.line == 2)
        }
    }
}
