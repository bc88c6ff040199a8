import Wire

/// Event streams that go on elsewhere.
extension Recording {
    /// A stream ended whose events bore ids.
    mutating func record(lastEvent: UInt64, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, carrier.request != nil else { return }
        resumptions.end(
            exchange(flow, carrier), of: endpoint(carrier, flow) ?? flow.server,
            flow.client.address, last: lastEvent)
    }

    /// A request names the last event that its client has.
    mutating func resume(behind lastEvent: UInt64, _ carrier: Carrier, _ flow: FlowReference) {
        resumptions.resume(
            exchange(flow, carrier), of: endpoint(carrier, flow) ?? flow.server,
            flow.client.address, behind: lastEvent)
    }
}
