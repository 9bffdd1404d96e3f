internal import Foundation
internal import Tables

extension Fault {
    /// What is answered instead of generating; nil where the fault concerns an answer that was generated.
    func refusal(_ options: ServiceDouble.Options) -> HTTPReply? {
        let wait = options.retryAfter
        let busy = Refusal.rateLimited("The double refuses this request. Ask again later.")
        switch self {
        case .tooManyRequests: return busy.reply(options.flavour)
        case .tooManyRequestsForSeconds:
            return busy.reply(options.flavour).with("Retry-After", String(Int(wait.rounded(.up))))
        case .tooManyRequestsForMilliseconds:
            return busy.reply(options.flavour).with("retry-after-ms", String(Int(wait * 1000)))
        case .tooManyRequestsUntilDate:
            let date = options.now().addingTimeInterval(wait.rounded(.up))
            return busy.reply(options.flavour).with("Retry-After", HTTPDate.text(date))
        case .insufficientQuota:
            return Refusal(
                429, "You exceeded your current quota; check your plan and billing.", type: "insufficient_quota",
                code: "insufficient_quota"
            ).reply(options.flavour)
        case .internalError: return Refusal.server(500).reply(options.flavour)
        case .badGateway: return Refusal.server(502).reply(options.flavour)
        case .unavailable: return Refusal.server(503).reply(options.flavour)
        case .overloaded: return Refusal.server(529).reply(options.flavour)
        case .proxyPage:
            let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
            return HTTPReply(502, body: Array(page.utf8), type: "text/html")
        case .resetWhileReading, .resetBeforeGenerating: return .nothing(.reset)
        case .stall: return .nothing(.stalled)
        case .contentFilter: return Refusal.contentFilter.reply(options.flavour)
        case .contextLength:
            return Refusal(
                400,
                "This model's maximum context length is 128 tokens. However, your messages resulted in 4096 tokens.",
                param: "messages", code: "context_length_exceeded"
            ).reply(options.flavour)
        case .internalErrorAfterGenerating, .resetAfterGenerating, .stallAfterGenerating, .halfReply, .wrongJSON,
            .otherJSON, .emptyReply, .lengthTooLong, .lengthTooShort, .errorInStream, .slow:
            return nil
        }
    }

    /// What becomes of a sound reply.
    func spoiling(_ reply: HTTPReply, _ options: ServiceDouble.Options) -> HTTPReply {
        var spoilt = reply
        switch self {
        case .internalErrorAfterGenerating: return Refusal.server(500).reply(options.flavour)
        case .resetAfterGenerating: return .nothing(.reset)
        case .stallAfterGenerating: return .nothing(.stalled)
        case .halfReply:
            spoilt.share = 0.5
            spoilt.ending = .closed
        case .wrongJSON: spoilt.body = reply.body.mapped { bytes in bytes.dropLast(bytes.count / 3) + [0x2C, 0x7D] }
        case .otherJSON:
            let other: Value = ["status": "ok", "result": ["text": 5]]
            spoilt.body = reply.body.mapped { _ in JSON.bytes(other) }
        case .emptyReply: spoilt.body = .whole([])
        case .lengthTooLong:
            guard case .whole(let bytes) = reply.body else { return Fault.halfReply.spoiling(reply, options) }
            spoilt.declaredLength = bytes.count + 64
            spoilt.ending = .closed
        case .lengthTooShort:
            guard case .whole(let bytes) = reply.body else { return Fault.halfReply.spoiling(reply, options) }
            spoilt.declaredLength = bytes.count / 2
            spoilt.ending = .closed
        case .errorInStream:
            guard case .chunks(let chunks) = reply.body else { return Refusal.server(500).reply(options.flavour) }
            let event = Array("data: ".utf8) + JSON.bytes(Refusal.server(500).value(.openAI)) + Array("\n\n".utf8)
            spoilt.body = .chunks(chunks.prefix(chunks.count / 2) + [event])
            spoilt.ending = .closed
        case .slow: spoilt.trickles = true
        default: break
        }
        return spoilt
    }
}

extension HTTPReply.Body {
    /// The last event of a stream that has one, or the whole text, changed.
    fileprivate func mapped(_ change: ([UInt8]) -> [UInt8]) -> HTTPReply.Body {
        switch self {
        case .whole(let bytes): return .whole(change(bytes))
        case .chunks(let chunks):
            let mark = Array("data: ".utf8)
            let middle = chunks.count / 2
            return .chunks(
                chunks.enumerated().map { index, chunk in
                    guard index == middle, chunk.starts(with: mark) else { return chunk }
                    return mark + change(Array(chunk.dropFirst(mark.count).dropLast(2))) + [0x0A, 0x0A]
                })
        }
    }
}

/// Dates as HTTP has them (RFC 9110, 5.6.7).
enum HTTPDate {
    static func text(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        func name(_ names: [String], _ number: Int?) -> String {
            guard let number, names.indices.contains(number - 1) else { return "" }
            return names[number - 1]
        }
        func two(_ number: Int?) -> String { ((number ?? 0) < 10 ? "0" : "") + String(number ?? 0) }
        let day = name(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], parts.weekday)
        let month = name(
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], parts.month)
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 0) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) GMT"
    }
}
