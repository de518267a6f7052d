/** STREAM beyond what the suite checks: zmtp.md 5.8, zmq_socket(3). */
import { describe, expect, it } from "vitest"
import { StreamPattern } from "../../../patterns/stream.ts"
import { FakePipe, message, text } from "../../support/fake-pipe.ts"

function named(stream: StreamPattern, name: string): FakePipe {
  const pipe = new FakePipe(stream)
  pipe.connectRoutingId = Buffer.from(name)
  return pipe.attach()
}

/** The id that comes with messages of the pipe. */
function idOf(stream: StreamPattern, pipe: FakePipe): Buffer {
  pipe.deliver(message("who"))
  return Buffer.from(stream.tryReceive()?.[0] ?? [])
}

describe("STREAM", () => {
  it("gives peers five bytes that begin with a zero, and keeps them through reconnects", () => {
    const stream = new StreamPattern()
    const pipes = [0, 1].map(() => new FakePipe(stream).attach().connect())
    const ids = pipes.map(pipe => idOf(stream, pipe))
    for (const id of ids) expect([id.length, id[0]]).toEqual([5, 0])
    expect(ids[0]).not.toEqual(ids[1])
    pipes[0]!.lose().connect()
    expect(idOf(stream, pipes[0]!)).toEqual(ids[0])
  })

  it("has a peer's id before it is connected, as connect() named it", () => {
    const stream = new StreamPattern()
    const pipe = named(stream, "web")
    expect(stream.hasPeer(Buffer.from("web"))).toBe(true)
    expect(stream.trySend(message("web", "early"))).toBe(true)
    expect(pipe.connect().written.map(text)).toEqual([["early"]])
  })

  it("puts the id in front of each chunk, an id of its own each time", () => {
    const stream = new StreamPattern()
    const pipe = named(stream, "web").connect().deliver(message("a")).deliver(message(""))
    const first = stream.tryReceive()!
    ;(first[0] as Buffer).fill("x")
    expect(text(stream.tryReceive())).toEqual(["web", ""])
    expect(pipe.unread).toBe(0)
  })

  it("closes the connection by an empty message, once", () => {
    const stream = new StreamPattern()
    const pipe = named(stream, "web").connect().deliver(message("unread"))
    expect(stream.trySend(message("web", ""))).toBe(true)
    expect([pipe.closed, pipe.isDetached, pipe.written, stream.canReceive()]).toEqual([true, true, [], false])
    expect(stream.trySend(message("web", ""))).toBe(false)
    expect(stream.refusal("send", message("web", ""))).toBe("EHOSTUNREACH")
    expect(stream.hasPeer(Buffer.from("web"))).toBe(false)
    named(stream, "web")
    expect(stream.trySend(message("web", "again"))).toBe(true)
  })

  it("says why it refuses: full, unknown, malformed", () => {
    const stream = new StreamPattern()
    const pipe = named(stream, "web").connect().setRoom(0)
    expect(stream.canSend()).toBe(true)
    for (const [parts, reason] of [
      [["web", "x"], "EAGAIN"],
      [["nobody", "x"], "EHOSTUNREACH"],
      [["", "x"], "EHOSTUNREACH"],
      [["web"], "EINVAL"],
      [["web", "x", "y"], "EINVAL"],
      [["nobody"], "EINVAL"],
    ] as const) {
      expect(stream.trySend(message(...parts))).toBe(false)
      expect(stream.refusal("send", message(...parts))).toBe(reason)
    }
    expect(stream.refusal("receive")).toBe("EAGAIN")
    pipe.setRoom(1)
    expect(stream.trySend(message("web", "x"))).toBe(true)
  })

  it("a name that is taken in the meantime: the first keeps it, nothing of the second is received", () => {
    const stream = new StreamPattern()
    const [first, second] = [named(stream, "web"), named(stream, "web")]
    expect(second.failures).toEqual([expect.objectContaining({ code: "EADDRINUSE" })])
    second.connect().deliver(message("ignored"))
    stream.trySend(message("web", "x"))
    expect([first.written.length, second.written.length, stream.canReceive()]).toEqual([1, 0, false])
  })
})
