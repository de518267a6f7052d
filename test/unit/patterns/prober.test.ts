/** ZMQ_PROBE_ROUTER of REQ, DEALER and ROUTER: zmq_setsockopt(3), zmtp.md 5.4. */
import { describe, expect, it } from "vitest"
import { DealerPattern } from "../../../patterns/dealer.ts"
import { ReqPattern } from "../../../patterns/req.ts"
import { RouterPattern } from "../../../patterns/router.ts"
import type { Pattern } from "../../../src/contracts/pattern.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

/** Options are looked at live: the pattern gets the very object. */
const TYPES: Record<string, (options: { probeRouter: boolean }) => Pattern> = {
  REQ: options => new ReqPattern(Object.assign(options, { correlate: false, relaxed: false })),
  DEALER: options => new DealerPattern(options),
  ROUTER: options => new RouterPattern(Object.assign(options, { mandatory: false, handover: false })),
}
const PEER = { routingId: Buffer.from("peer") }

describe.each(Object.entries(TYPES))("%s with probeRouter", (name, create) => {
  const send = (pattern: Pattern) => pattern.trySend(name === "ROUTER" ? message("peer", "x") : message("x"))
  const sent = (pipe: FakePipe) => pipe.written.map(parts => text(parts).join("|"))
  const x = name === "REQ" ? "|x" : "x"

  it("begins with an empty message, ahead of what is sent before the peer is there", () => {
    const pattern = create({ probeRouter: true })
    const pipe = new FakePipe(pattern)
    pipe.connectRoutingId = PEER.routingId
    pipe.attach()
    send(pattern)
    pipe.connect(PEER)
    expect(sent(pipe)).toEqual(["", x])
  })

  it("does so at each new connection, as the manual says", () => {
    const pattern = create({ probeRouter: true })
    const pipe = connectedPipe(pattern, PEER)
    pipe.lose().connect(PEER)
    expect(sent(pipe)).toEqual(["", ""])
  })

  it("does nothing when it is off, and feels a change at the next connection", () => {
    const options = { probeRouter: false }
    const pattern = create(options)
    const pipe = connectedPipe(pattern, PEER)
    expect(sent(pipe)).toEqual([])
    options.probeRouter = true
    pipe.lose().connect(PEER)
    expect(sent(pipe)).toEqual([""])
    options.probeRouter = false
    pipe.lose().connect(PEER)
    expect(sent(pipe)).toEqual([""])
  })

  it("a probe is no request: the first send is still due", () => {
    const pattern = create({ probeRouter: true })
    const pipe = connectedPipe(pattern, PEER)
    expect(send(pattern)).toBe(true)
    expect(sent(pipe)).toEqual(["", x])
  })
})
