/// Vendor classes and parameter request lists of DHCP explained.
extension Catalog {
    /// Whether a text is what a DHCP client says of itself: a vendor class that is known, or any
    /// list of options.
    func isDevice(_ text: String) -> Bool {
        let bytes = CatalogText(Array(text.utf8))
        return device(vendorClass: text) != nil
            || text.utf8.contains(UInt8(ascii: ",")) && bytes.isOptionList(0..<text.utf8.count)
    }

    func explanation(ofDevice text: String) -> CatalogExplanation {
        let (byClass, byOptions) = (
            deviceIndex.device(ofClass: text), deviceIndex.device(ofOptions: text)
        )
        let lines = [(byClass, "vendor class"), (byOptions, "parameter request list")].compactMap {
            number, what in number.map { explained(device($0), what, text) }
        }
        guard let number = byClass ?? byOptions else {
            return CatalogExplanation(
                .device, text, "As a DHCP client's word of itself: no line of the catalog matches.",
                [])
        }
        let found = device(number)
        var explanation = CatalogExplanation(
            .device, text,
            "\(found.name) (\(found.id)) of \(found.vendor): \(found.kind.rawValue).",
            lines)
        explanation.contacts = [
            CatalogExplanation.Contact(
                seen: byClass != nil ? "option 60 of DHCP" : "option 55 of DHCP",
                says: byClass != nil
                    ? "strong: what the host is, by its own word"
                    : "hint: what the host may be, for systems that share a client share its list")
        ]
        return explanation
    }

    private func explained(
        _ device: KnownDevice, _ what: String, _ text: String
    ) -> CatalogExplanation.Line {
        let vendorClass = device.classes.filter { text.utf8.starts(with: $0.text.utf8) }.max {
            $0.text.utf8.count < $1.text.utf8.count
        }
        let line =
            what == "vendor class"
            ? "dhcp-class \(vendorClass.map { "\($0.match.rawValue) \($0.text)" } ?? "")"
            : "dhcp-options \(text)"
        return CatalogExplanation.Line(
            text: line, entry: "\(device.name) (\(device.id))", origin: device.origin,
            source: device.source, checked: device.checked, wins: true,
            reason: "the longest \(what) that fits")
    }
}
