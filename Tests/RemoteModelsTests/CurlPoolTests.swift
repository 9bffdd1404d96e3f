import Foundation
import LoopbackServer
import RemoteModels
import Testing

/// The real transport against a real server on this machine.
@Suite struct CurlPoolTests {
    private func exchange(_ request: HTTPExchange.Request) throws -> TransportEvent {
        let pool = CurlPool(agent: "distnb/test")
        pool.start(request, as: 7)
        while true {
            if let event = pool.events(waiting: 0.1).first { return event }
        }
    }

    private func failure(_ event: TransportEvent) throws -> HTTPExchange.Failure {
        guard case .failure(let failure) = event.result else { throw POSIXError(.EINVAL) }
        return failure
    }

    @Test func aResponseHasStatusFieldsAndBody() throws {
        let server = try LoopbackServer { request in
            .init(
                request.headers["user-agent"] == "distnb/test" && request.headers["x-mine"] == "1" ? 418 : 400,
                Data("short and stout".utf8), headers: ["X-Yours": "2"])
        }
        let event = try exchange(HTTPExchange.Request(.get, server.address + "/pot", fields: ["X-Mine": "1"]))
        let response = try event.result.get()
        #expect(event.id == 7)
        #expect(response.status == 418)
        #expect(response.fields["x-yours"] == "2")
        #expect(String(decoding: response.body, as: UTF8.self) == "short and stout")
        #expect(server.requests.map(\.path) == ["/pot"])
    }

    @Test func redirectsAreNotFollowed() throws {
        let server = try LoopbackServer { _ in .init(302, headers: ["Location": "/elsewhere"]) }
        #expect(try exchange(HTTPExchange.Request(.get, server.address)).result.get().status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func aConnectionThatIsCutIsToldAsSuch() throws {
        let server = try LoopbackServer { _ in .init(200, Data(repeating: 65, count: 100), cutAfter: 40) }
        let failure = try failure(try exchange(HTTPExchange.Request(.get, server.address)))
        #expect(failure.kind == .network(.cut))
        #expect(failure.part?.status == 200)
        #expect(failure.part?.body.count == 40)
    }

    @Test func whereNobodyListensNothingHasLeft() throws {
        let server = try LoopbackServer { _ in .init() }
        let address = server.address
        server.stop()
        let failure = try failure(try exchange(HTTPExchange.Request(.post, address, body: [1, 2, 3])))
        #expect(failure.isUnreachable)
        #expect(!failure.hasLeft)
    }

    @Test func whatStaysSilentIsTooLate() throws {
        let server = try LoopbackServer { _ in .init(200, headers: ["Content-Length": "5"], stalls: true) }
        let failure = try failure(
            try exchange(
                HTTPExchange.Request(
                    .get, server.address, patience: HTTPExchange.Patience(connect: 5, stall: 30, whole: 0.3))))
        #expect(failure.kind == .network(.timedOut))
        #expect(failure.hasLeft)
    }

    @Test func largerAnswersThanAllowedAreRefused() throws {
        let server = try LoopbackServer { _ in .init(200, Data(repeating: 65, count: 5_000)) }
        let failure = try failure(try exchange(HTTPExchange.Request(.get, server.address, answerLimit: 1_000)))
        #expect(failure.kind == .tooLarge)
    }

    @Test func otherProtocolsThanHTTPAreRefused() throws {
        let failure = try failure(try exchange(HTTPExchange.Request(.get, "file:///etc/hostname")))
        #expect(failure.kind == .network(.badAddress))
        #expect(!failure.hasLeft)
    }

    @Test func whatIsCancelledGivesNoEvent() throws {
        let server = try LoopbackServer { _ in .init(200, headers: ["Content-Length": "5"], stalls: true) }
        let pool = CurlPool(agent: "distnb/test")
        pool.start(HTTPExchange.Request(.get, server.address), as: 1)
        _ = pool.events(waiting: 0.05)
        pool.cancel(1)
        #expect(pool.events(waiting: 0.05).isEmpty)
    }

    @Test func manyAreUnderWayAtOnceOnOneThread() throws {
        let server = try LoopbackServer { request in .init(200, Data(request.path.utf8)) }
        let pool = CurlPool(agent: "distnb/test")
        for id in 0..<100 { pool.start(HTTPExchange.Request(.get, server.address + "/\(id)"), as: id) }
        var bodies: [Int: String] = [:]
        while bodies.count < 100 {
            for event in pool.events(waiting: 0.1) {
                bodies[event.id] = String(decoding: try event.result.get().body, as: UTF8.self)
            }
        }
        #expect(bodies.allSatisfy { $0.value == "/\($0.key)" })
    }
}
