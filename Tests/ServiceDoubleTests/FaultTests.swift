import Foundation
import OrderedCollections
import ServiceDouble
import Tables
import Testing

@Suite struct FaultTests {
    private let path = "/v1/chat/completions"

    private func reply(_ fault: Fault, _ more: Record = [:]) throws -> (PlainClient.Reply, ServiceDouble) {
        let service = try ServiceDouble(.init(faults: .script([fault])))
        return (try PlainClient(port: service.port).ask("POST", path, chat("a b", more)), service)
    }

    @Test(
        arguments: [
            (Fault.tooManyRequests, 429, nil, nil), (.tooManyRequestsForSeconds, 429, "retry-after", "1"),
            (.tooManyRequestsForMilliseconds, 429, "retry-after-ms", "1000"),
            (.tooManyRequestsUntilDate, 429, "retry-after", nil), (.insufficientQuota, 429, nil, nil),
            (.internalError, 500, nil, nil), (.badGateway, 502, nil, nil), (.unavailable, 503, nil, nil),
            (.overloaded, 529, nil, nil), (.proxyPage, 502, "content-type", "text/html"),
            (.contentFilter, 400, nil, nil), (.contextLength, 400, nil, nil),
        ] as [(Fault, Int, String?, String?)])
    func aRefusalIsNotPaid(_ fault: Fault, _ status: Int, _ header: String?, _ value: String?) throws {
        let (reply, service) = try reply(fault)
        #expect(reply.isWhole && reply.status == status)
        if let header {
            #expect(reply.headers[header] != nil)
            if let value { #expect(reply.headers[header] == value) }
        }
        #expect(service.ledger.generated == 0 && !fault.isPaid)
        #expect(service.ledger.faults == [fault: 1])
    }

    @Test func aDateToWaitForIsAsHTTPWritesIt() throws {
        var options = ServiceDouble.Options(faults: .script([.tooManyRequestsUntilDate]))
        options.now = { Date(timeIntervalSince1970: 784_111_776) }
        let service = try ServiceDouble(options)
        let reply = try PlainClient(port: service.port).ask("POST", path, chat("a"))
        #expect(reply.headers["retry-after"] == "Sun, 06 Nov 1994 08:49:37 GMT", "the example of RFC 9110")
    }

    @Test(arguments: [Fault.resetWhileReading, .resetBeforeGenerating]) func aResetBeforeGeneratingIsNotPaid(
        _ fault: Fault
    ) throws {
        let (reply, service) = try reply(fault)
        #expect(reply.wasReset && reply.status == 0)
        #expect(service.ledger.generated == 0)
    }

    @Test(arguments: [false, true]) func whatIsSpoiltAfterGeneratingIsPaid(_ streams: Bool) throws {
        for fault in Fault.allCases where fault.isPaid && fault != .stallAfterGenerating {
            let (reply, service) = try reply(fault, streams ? ["stream": true] : [:])
            #expect(service.ledger.generated == 1, "\(fault)")
            let isSound =
                streams
                ? reply.isWhole && reply.text.hasSuffix("[DONE]\n\n") && reply.events.count == 4
                    && reply.events.allSatisfy { $0[field: "id"].text != nil }
                : reply.isWhole && reply.status == 200 && reply.json[field: "choices"].list != nil
            #expect(isSound == (fault == .slow), "\(fault), streaming: \(streams)")
        }
    }

    @Test(arguments: [Fault.stall, .stallAfterGenerating]) func aStallIsSilent(_ fault: Fault) async throws {
        let service = try ServiceDouble(.init(faults: .script([fault])))
        let client = try PlainClient(port: service.port)
        client.send("POST", path, JSON.bytes(chat("a")))
        while service.ledger.statuses[0] == nil { await Task.yield() }
        #expect(client.isSilent)
        #expect(service.ledger.generated == (fault.isPaid ? 1 : 0))
        service.stop()
        #expect(!client.read().isWhole, "the server's end ends it")
    }

    @Test func theSameSeedGivesTheSameFaultsAtTheirRate() throws {
        func faults(_ seed: Int) throws -> [Int] {
            let service = try ServiceDouble(
                .init(faults: FaultPlan(seed: seed, rates: [.unavailable: 0.2, .tooManyRequests: 0.1])))
            let client = try PlainClient(port: service.port)
            return (0..<500).map { client.ask("POST", path, chat("row \($0)")).status }
        }
        let first = try faults(7)
        #expect(try faults(7) == first)
        #expect(try faults(8) != first)
        // 500 draws at 0.2 and 0.1: five standard deviations are 45 and 34.
        #expect(abs(first.count { $0 == 503 } - 100) < 45 && abs(first.count { $0 == 429 } - 50) < 34)
    }

    @Test func aPlanConcernsItsScope() throws {
        let service = try ServiceDouble(.init(faults: .script([.unavailable], scope: .path("/models"))))
        let client = try PlainClient(port: service.port)
        #expect(client.ask("POST", path, chat("a")).status == 200)
        #expect(client.ask("GET", "/v1/models").status == 503)
        #expect(client.ask("GET", "/v1/models").json[field: "data"].list?.isEmpty == false)
        service.fail(by: .script([.badGateway]))
        #expect(client.ask("POST", path, chat("a")).status == 502)
    }

    @Test func aRateLimitSaysWhenToComeAgain() throws {
        var options = ServiceDouble.Options()
        options.limit = .init(requestsPerMinute: 2, tokensPerMinute: 1000, secondsPerMinute: 3600)
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        let first = client.ask("POST", path, chat("a"))
        #expect(first.headers["x-ratelimit-limit-requests"] == "2")
        #expect(first.headers["x-ratelimit-remaining-requests"] == "1")
        #expect(first.headers["x-ratelimit-remaining-tokens"] == "983", "one word and 16 for the answer")
        _ = client.ask("POST", path, chat("a"))
        let refused = client.ask("POST", path, chat("a"))
        #expect(refused.status == 429 && refused.json[field: "error"][field: "code"] == "rate_limit_exceeded")
        #expect((Int(refused.headers["retry-after"] ?? "") ?? 0) > 1700)
        #expect(service.ledger.generated == 2 && service.ledger.refusedByLimit == 1)
    }

    @Test func aRefusalIsNotRememberedUnderItsKey() throws {
        var options = ServiceDouble.Options()
        options.honoursIdempotencyKeys = true
        options.limit = .init(requestsPerMinute: 1, secondsPerMinute: 0.001)
        let service = try ServiceDouble(options)
        let client = try PlainClient(port: service.port)
        var statuses: Set<Int> = []
        for row in 0..<200 {
            for _ in 0..<1000 {
                let status = client.ask("POST", path, chat("a"), headers: ["Idempotency-Key": "\(row)"]).status
                statuses.insert(status)
                if status == 200 { break }
            }
        }
        #expect(statuses == [200, 429])
        #expect(service.ledger.generated == 200 && service.ledger.paidTwice.isEmpty)
    }

    @Test func beyondTheCapacityIsRefusedOrWaits() async throws {
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for queues in [false, true] {
            var options = ServiceDouble.Options { _ in
                entered.signal()
                released.wait()
                return "done"
            }
            options.capacity = .init(slots: 1, queues: queues)
            let service = try ServiceDouble(options)
            let (first, second) = (try PlainClient(port: service.port), try PlainClient(port: service.port))
            first.send("POST", path, JSON.bytes(chat("a")))
            entered.wait()
            second.send("POST", path, JSON.bytes(chat("b")))
            if queues {
                while service.ledger.inFlight < 2 { await Task.yield() }
                #expect(second.isSilent)
                released.signal()
                released.signal()
                #expect(second.read().status == 200)
                entered.wait()
            } else {
                #expect(second.read().status == 429)
                released.signal()
            }
            #expect(first.read().status == 200)
        }
    }

    @Test func hundredsAreServedAtOnce() async throws {
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let service = try ServiceDouble(
            .init { _ in
                entered.signal()
                released.wait()
                return "done"
            })
        let clients = try (0..<300).map { _ in try PlainClient(port: service.port) }
        for (index, client) in clients.enumerated() { client.send("POST", path, JSON.bytes(chat("row \(index)"))) }
        for _ in clients { entered.wait() }
        #expect(service.ledger.mostInFlight == 300)
        for _ in clients { released.signal() }
        #expect(clients.allSatisfy { $0.read().status == 200 })
        #expect(service.ledger.inFlight == 0)
    }

    @Test func bodiesInChunksAreReadAndConnectionsStay() throws {
        let service = try ServiceDouble()
        let client = try PlainClient(port: service.port)
        let body = JSON.text(chat("a"))
        for _ in 0..<2 {
            client.sendRaw(
                Array(
                    ("POST \(path) HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\(body.prefix(5))\r\n"
                        + String(body.utf8.count - 5, radix: 16) + ";x=y\r\n\(body.dropFirst(5))\r\n0\r\n\r\n").utf8))
            #expect(client.read().status == 200)
        }
        #expect(client.ask("GET", "/double/report").json[field: "generated"] == 2)
    }
}
