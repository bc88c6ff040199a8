/// Lost bytes, and the ends of sides and flows.
extension HTTP1Dissector {
    package var heldBytes: Int {
        halves[0].sink.heldBytes + halves[1].sink.heldBytes + (socket?.heldBytes ?? 0)
    }

    /// The same; but of a place that may change, the compiler makes no copy to look at it.
    mutating func held() -> Int {
        halves[0].sink.heldBytes + halves[1].sink.heldBytes + (socket?.heldBytes ?? 0)
    }

    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        if let socket, socket.speaks(side) { return socket.resumes(at: opening, from: side) }
        if halves[Int(side.rawValue)].sink.isEventStream {
            var line = opening
            if halves[Int(side.rawValue)].phase == .chunkSize {
                guard let end = opening.distance(to: 10, within: 32) else { return false }
                line = opening.from(end + 1)
            }
            if line.starts(with: "event:") || line.starts(with: "data:")
                || line.starts(with: "id:") || line.starts(with: ": ")
            {
                return true
            }
        }
        let events = HTTP1Dissector.beginsWithEvents(opening)
        if events != .no { return events == .yes(side) && mayBeginWithEvents }
        return HTTP1Dissector.likelihood(of: opening, ports: ports) == .yes(side)
    }

    /// A body with a Content-Length and a chunk say where they end, so a hole inside moves nothing.
    package mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        if let socket, socket.speaks(side) { return socket.bridges(missing, from: side) }
        switch halves[Int(side.rawValue)].phase {
        case .body(let remaining?) where missing <= remaining:
            halves[Int(side.rawValue)].phase = .body(remaining - missing)
        case .chunk(let remaining) where missing <= remaining:
            halves[Int(side.rawValue)].phase =
                missing == remaining ? .chunkEnd : .chunk(remaining - missing)
        default: return false
        }
        halves[Int(side.rawValue)].sink.cut()
        return true
    }

    package mutating func gap(from side: Side) {
        if let socket, socket.speaks(side) { return socket.gap(from: side) }
        halves[Int(side.rawValue)].sink.gap()
        if !halves[Int(side.rawValue)].sink.isEventStream {
            halves[Int(side.rawValue)].phase = .head
        } else if halves[Int(side.rawValue)].phase != .body(nil) {
            halves[Int(side.rawValue)].phase = .chunkSize
        }
        if side == .server, halves[1].phase == .head { mayBeginWithEvents = true }
        // Answers were lost with the bytes: only the latest request may still be open.
        guard side == .server, pending.count > 1 else { return }
        unanswered += pending.dropLast()
        pending.removeFirst(pending.count - 1)
    }

    mutating func tellUnanswered(emit: EmitMessage) {
        for request in unanswered { emit(.httpUnanswered(request)) }
        unanswered = []
    }

    /// A head that ended before its empty line: what stands in whole lines was said, and so was a
    /// first line behind which the side ended.
    package mutating func cut(_ held: ByteReader, from side: Side, emit: EmitMessage) {
        guard halves[Int(side.rawValue)].phase == .head, socket?.speaks(side) != true else {
            return
        }
        var held = held
        while let byte = held.peek(), byte == 13 || byte == 10 { _ = held.moved(by: 1) }
        var head = held.array(Limits.standard.headBytes)
        if let end = head.lastIndex(of: 10) {
            head.removeSubrange((end + 1)...)
        }
        // While the side may go on, a first line alone is not yet a head.
        let lines = head.count(where: { $0 == 10 })
        guard lines > 1 || halves[Int(side.rawValue)].hasEnded, !head.isEmpty,
            lines <= Limits.standard.headFields
        else { return }
        do throws(ParseFailure) {
            _ = try self.head(head.span, from: side, emit: emit)
        } catch {
            // Neither a head nor a part of one: nothing was said.
            return
        }
    }

    package mutating func end(of side: Side, emit: EmitMessage) {
        socket?.end(of: side, emit: emit)
        halves[Int(side.rawValue)].sink.end(
            isWhole: halves[Int(side.rawValue)].phase == .body(nil), emit: emit)
        halves[Int(side.rawValue)].phase = .head
        halves[Int(side.rawValue)].hasEnded = true
    }

    package mutating func finish(emit: EmitMessage) {
        end(of: .client, emit: emit)
        end(of: .server, emit: emit)
        tellUnanswered(emit: emit)
        for request in pending { emit(.httpUnanswered(request)) }
        pending = []
    }
}
