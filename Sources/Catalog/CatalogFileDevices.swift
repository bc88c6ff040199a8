/// Devices. Given again in a later file, one takes the place of the former whole.
extension CatalogFile {
    private static let lineLimit = 64

    /// A line such as `device windows`.
    mutating func beginDevice(_ id: Place) throws(CatalogError) {
        let hash = text.hash(id)
        let first = seen.devices.first(hash) { text.isSame(id, as: text, devices[$0].id) }
        try checkID(id, givenOn: first.map { devices[$0].line }, "device")
        seen.devices.add(hash)
        devices.append(DeviceEntry(id: id, hash: hash, line: line))
        subject = .device
    }

    mutating func setDevice(_ keyword: CatalogKeyword, _ value: Place) throws(CatalogError) {
        guard subject == .device, let last = devices.indices.last else { throw misplaced(keyword) }
        switch keyword {
        case .name: devices[last].name = try place(devices[last].name, keyword, value)
        case .vendor: devices[last].vendor = try place(devices[last].vendor, keyword, value)
        case .kind:
            let kind = try choice(value, KnownDevice.Kind.known, "kind of device")
            guard devices[last].kind == nil else { throw twice(keyword) }
            devices[last].kind = kind
        case .dhcpClass: try addClass(value, last)
        case .dhcpOptions:
            guard text.isOptionList(value) else {
                throw error(
                    "“\(shown(value))” is no list of DHCP options",
                    "write their numbers in the order in which they are asked for, as in “1,3,6,15”"
                )
            }
            if let first = known({ $0.options }, value) {
                throw error(
                    "this list was already given on line \(first)",
                    "keep one of the two: a list that two systems send tells neither")
            }
            try checkRoom(devices[last].options.count, CatalogFile.lineLimit, keyword)
            devices[last].options.append((value, line))
        default: throw misplaced(keyword)
        }
    }

    /// The line on which another device of the file has the same text.
    private func known(
        _ texts: (DeviceEntry) -> [(place: Place, line: Int)], _ value: Place
    ) -> Int? {
        for device in devices.dropLast() {
            for other in texts(device) where text.isSame(value, as: text, other.place) {
                return other.line
            }
        }
        return nil
    }

    private mutating func addClass(_ value: Place, _ last: Int) throws(CatalogError) {
        let how = text.word(value)
        let words = text.trimmed(how.upperBound..<value.upperBound)
        let match = try choice(how, KnownDevice.Match.known, "way to compare a vendor class")
        guard words.count >= 3, words.count <= 255 else {
            throw error(
                "a vendor class of \(words.count) bytes tells nothing",
                "write it as in “dhcp-class prefix MSFT 5”, with 3 to 255 bytes")
        }
        let first = known(
            { device in device.classes.filter { $0.match == match }.map { ($0.place, $0.line) } },
            words)
        if let first {
            throw error(
                "this vendor class was already given on line \(first)", "keep one of the two")
        }
        try checkRoom(devices[last].classes.count, CatalogFile.lineLimit, .dhcpClass)
        devices[last].classes.append((match, words, line))
    }

    func endDevice() throws(CatalogError) {
        guard let last = devices.last, last.kind != .ignore else { return }
        let isKnown = !last.classes.isEmpty || !last.options.isEmpty
        try checkFields(
            of: "device “\(text.text(last.id))”", last.line,
            [
                (.name, !last.name.isEmpty), (.vendor, !last.vendor.isEmpty),
                (.kind, last.kind != nil),
                (.dhcpClass, isKnown || hasFailed(.dhcpOptions, of: last.line)),
                (.source, !last.source.isEmpty),
            ])
    }
}

extension CatalogText {
    /// Numbers from 1 to 254 between commas, without blanks or leading zeros.
    func isOptionList(_ place: Place) -> Bool {
        var value = 0
        var digits = 0
        for index in place {
            let byte = self[index]
            if byte == UInt8(ascii: ",") {
                guard digits > 0 else { return false }
                (value, digits) = (0, 0)
                continue
            }
            guard 48...57 ~= byte, digits < 3, digits > 0 || byte != 48 else { return false }
            value = value * 10 + Int(byte - 48)
            digits += 1
            guard value < 255 else { return false }
        }
        return digits > 0
    }
}
