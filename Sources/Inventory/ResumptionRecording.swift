import Wire

/// Event streams that go on elsewhere.
extension Recording {
    /// An event bore an id: its stream may go on behind it elsewhere, whether it was seen to end
    /// here or not.
    mutating func record(eventID: UInt64, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, carrier.request != nil else { return }
        resumptions.note(
            eventID, on: exchange(flow, carrier), of: endpoint(carrier, flow) ?? flow.server,
            flow.client.address)
    }

    /// A request names the last event that its client has.
    mutating func resume(behind lastEvent: UInt64, _ carrier: Carrier, _ flow: FlowReference) {
        resumptions.resume(
            exchange(flow, carrier), of: endpoint(carrier, flow) ?? flow.server,
            flow.client.address, behind: lastEvent)
    }
}
