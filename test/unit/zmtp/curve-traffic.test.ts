/** Traffic between two sessions after a CURVE handshake (RFC 26, "MESSAGE", with commands inside as in libzmq). */
import { describe, expect, it } from "vitest"
import { pingCommand } from "../../../src/zmtp/command.ts"
import { COMMAND, COMMAND_LIMIT, LONG, MORE } from "../../../src/zmtp/frame.ts"
import { encodeGreeting } from "../../../src/zmtp/greeting.ts"
import type { Mechanism } from "../../../src/zmtp/mechanism.ts"
import { Random } from "../../suites/random.ts"
import { codeOf, connected, curveClient, curveServer, ends, flipped } from "../../support/curve.ts"
import { greetingWith, READY, Recorder } from "../../support/zmtp.ts"

/** Moves bytes between the sessions until nothing is left. */
function shuttle(a: Recorder, b: Recorder): void {
  for (let moved = true; moved; ) {
    moved = false
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const sent = from.takeSent()
      if (sent.length === 0) continue
      to.feed([sent])
      moved = true
    }
  }
}

interface Pair {
  readonly client: Recorder
  readonly server: Recorder
}

function pair(maxMessageSize = -1): Pair {
  const client = new Recorder("PUSH", -1, () => curveClient())
  const server = new Recorder("PULL", maxMessageSize, () => curveServer())
  shuttle(client, server)
  expect([client.session.phase, server.session.phase]).toEqual(["traffic", "traffic"])
  return { client, server }
}

/** A frame on the wire with the flags of its outside. */
function frame(flags: number, body: Uint8Array): Buffer {
  const isShort = body.length < 256
  const header = Buffer.alloc(isShort ? 2 : 9)
  header[0] = isShort ? flags : flags | LONG
  if (isShort) header[1] = body.length
  else header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

/** The client's end as bare bytes, and a session of the server. */
function bare(maxMessageSize = -1, minorVersion = 1) {
  const mechanism = curveClient()
  const recorder = new Recorder("PULL", maxMessageSize, () => curveServer())
  const greeting = encodeGreeting("CURVE", false)
  greeting[11] = minorVersion
  recorder.feed([greeting])
  recorder.takeSent()
  const shake = (body: Uint8Array | undefined) => {
    recorder.feed([frame(COMMAND, body!)])
    const sent = recorder.takeSent()
    return sent.subarray(sent[0]! & LONG ? 9 : 2)
  }
  mechanism.receive(Buffer.from(shake(mechanism.next())))
  mechanism.receive(Buffer.from(shake(mechanism.next())))
  mechanism.next()
  const protection = mechanism.protection!
  const sealed = (flags: number, payload: Uint8Array) => {
    const body = Buffer.alloc(payload.length + protection.overhead)
    protection.seal(flags, payload, body, 0)
    return body
  }
  const open = (body: Buffer) => ({ payload: protection.open(body), flags: protection.flags })
  return { recorder, sealed, open }
}

describe("messages", () => {
  it("arrive whole, of any size and number of parts, both ways", () => {
    const { client, server } = pair()
    const random = new Random()
    const sizes = [0, 1, 7, 100, 221, 222, 223, 255, 256, 4096, 16_384, 65_536, 300_000]
    const sent: string[][] = []
    for (let i = 0; i < 40; i++) {
      const parts = Array.from({ length: 1 + random.below(4) }, () =>
        Buffer.alloc(random.pick(sizes)!, random.below(256)),
      )
      sent.push(parts.map(part => part.toString("latin1")))
      client.session.outgoing.message(parts)
      server.session.outgoing.message(parts)
      if (random.chance(0.3)) shuttle(client, server)
    }
    shuttle(client, server)
    for (const { messages } of [client, server]) expect(messages, `seed ${random.seed}`).toEqual(sent)
  })

  it("arrive however the bytes are cut", () => {
    for (const size of [1, 2, 3, 7, 33, 100]) {
      const { client, server } = pair()
      for (let i = 0; i < 20; i++)
        client.session.outgoing.message([Buffer.from(`${i}`), Buffer.alloc(i * 20)])
      const sent = client.takeSent()
      for (let at = 0; at < sent.length; at += size) server.feed([sent.subarray(at, at + size)])
      expect(server.messages.map(([first]) => Number(first))).toEqual(Array.from({ length: 20 }, (_, i) => i))
    }
  })

  it("show nothing of themselves on the wire, and no flags", () => {
    const { client, server } = pair()
    client.session.outgoing.message([Buffer.from("a secret"), Buffer.from("a secret")])
    client.session.outgoing.command(pingCommand(0, Buffer.from("a secret")))
    const sent = client.takeSent()
    expect(sent.includes("secret")).toBe(false)
    for (let at = 0; at < sent.length; at += 2 + sent[at + 1]!) expect(sent[at]).toBe(0)
    server.feed([sent])
    expect(server.messages).toEqual([["a secret", "a secret"]])
  })

  it("are written over by nothing that follows", () => {
    const { client, server } = pair()
    const kept: Buffer[] = []
    server.onMessage = ([body]) => kept.push(body as Buffer)
    for (let i = 0; i < 500; i++) client.session.outgoing.message([Buffer.alloc(10 + i, i)])
    shuttle(client, server)
    expect(kept.every((body, i) => body.equals(Buffer.alloc(10 + i, i)))).toBe(true)
  })
})

describe("commands", () => {
  it("are inside: PING is answered, and subscriptions arrive", () => {
    const { client, server } = pair()
    client.session.outgoing.command(pingCommand(1000))
    client.session.control({ type: "subscribe", topic: Buffer.from("news") })
    client.session.control({ type: "cancel", topic: Buffer.alloc(300, "n") })
    shuttle(client, server)
    expect(server.pings).toEqual([1000])
    expect(server.controls).toEqual(["subscribe news", `cancel ${"n".repeat(300)}`])
    expect(client.error).toBeUndefined()
  })

  it("go as messages to a peer of 3.0", () => {
    const { recorder, open } = bare(-1, 0)
    recorder.session.control({ type: "subscribe", topic: Buffer.from("t") })
    const body = recorder.takeSent().subarray(2)
    expect(open(body)).toEqual({ flags: 0, payload: Buffer.from("\x01t") })
  })
})

describe("a peer is refused that", () => {
  const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE"
  const CRYPTO = "ERR_ZMTP_CRYPTOGRAPHIC"

  it("repeats a frame, or swaps two", () => {
    const { recorder, sealed } = bare()
    const [one, two] = [sealed(0, Buffer.from("1")), sealed(0, Buffer.from("2"))]
    recorder.feed([frame(0, two), frame(0, one)])
    expect(recorder.messages).toEqual([["2"]])
    expect(recorder.error).toMatchObject({ code: SEQUENCE })
    const again = bare()
    const body = again.sealed(0, Buffer.from("1"))
    again.recorder.feed([frame(0, body), frame(0, body)])
    expect(again.recorder.error).toMatchObject({ code: SEQUENCE })
  })

  it("leaves no frame out is not asked for", () => {
    const { recorder, sealed } = bare()
    sealed(0, Buffer.from("lost"))
    recorder.feed([frame(0, sealed(0, Buffer.from("2")))])
    expect(recorder.messages).toEqual([["2"]])
  })

  it.each([
    ["a number that is that of INITIATE", 2],
    ["a number of 0", 0],
  ])("sends %s", (_, number) => {
    const { recorder, sealed } = bare()
    const body = sealed(0, Buffer.from("x"))
    body.writeUInt32BE(number, 12)
    recorder.feed([frame(0, body)])
    expect(recorder.error).toMatchObject({ code: SEQUENCE })
  })

  it("changes any bit of a frame", () => {
    for (let bit = 0; bit < 8 * 40; bit++) {
      const { recorder, sealed } = bare()
      const body = flipped(sealed(0, Buffer.from("payload")), bit)
      recorder.feed([frame(0, body)])
      expect(recorder.messages).toEqual([])
      expect(recorder.error?.code, `bit ${bit}`).toMatch(
        bit < 64 ? /UNEXPECTED_COMMAND|MALFORMED_COMMAND/ : bit < 128 ? /CRYPTOGRAPHIC|SEQUENCE/ : CRYPTO,
      )
    }
  })

  it("cuts a frame at any byte", () => {
    for (let size = 0; size < 40; size++) {
      const { recorder, sealed } = bare()
      recorder.feed([frame(0, sealed(0, Buffer.from("payload")).subarray(0, size))])
      const expected =
        size < 8 ? "MALFORMED_COMMAND_UNSPECIFIED" : size < 33 ? "MALFORMED_COMMAND_MESSAGE" : "CRYPTOGRAPHIC"
      expect(recorder.error?.code, `${size} bytes`).toBe(`ERR_ZMTP_${expected}`)
    }
  })

  it.each<[string, Buffer]>([
    ["READY of NULL", READY],
    ["a PING in plain", frame(COMMAND, pingCommand(0))],
    ["a message in plain", frame(0, Buffer.from("in plain text"))],
    ["an empty frame", frame(0, Buffer.alloc(0))],
  ])("sends %s after READY", (_, bytes) => {
    const { recorder } = bare()
    recorder.feed([bytes])
    expect(recorder.messages).toEqual([])
    expect(recorder.pings).toEqual([])
    expect(recorder.error?.code).toMatch(/UNEXPECTED_COMMAND|MALFORMED_COMMAND_UNSPECIFIED/)
  })

  it("sends the frames of its own direction back", () => {
    const { client, server } = pair()
    client.session.outgoing.message([Buffer.from("x")])
    client.feed([client.takeSent()])
    expect(client.error).toMatchObject({ code: CRYPTO })
    expect(server.error).toBeUndefined()
  })

  it("sends a frame of another connection", () => {
    const [one, two] = [pair(), pair()]
    one.client.session.outgoing.message([Buffer.from("x")])
    two.server.feed([one.client.takeSent()])
    expect(two.server.error).toMatchObject({ code: CRYPTO })
  })

  it("speaks another mechanism", () => {
    for (const greeting of [encodeGreeting("NULL", false), encodeGreeting("PLAIN", false)]) {
      for (const make of [curveClient, curveServer] as (() => Mechanism)[]) {
        const recorder = new Recorder("PULL", -1, () => make()).feed([greeting])
        expect(recorder.error).toMatchObject({ code: "ERR_ZMTP_MECHANISM_MISMATCH" })
      }
    }
  })

  it("speaks an old version", () => {
    for (const changes of [{ 10: 0 }, { 10: 1 }]) {
      const recorder = new Recorder("PULL", -1, () => curveServer()).feed([greetingWith(changes)])
      recorder.feed([Buffer.alloc(60)])
      expect(recorder.peer).toBeUndefined()
      expect(recorder.session.phase).toBe("failed")
    }
  })

  it("puts MORE or COMMAND outside changes nothing", () => {
    const { recorder, sealed } = bare()
    recorder.feed([
      frame(MORE, sealed(0, Buffer.from("a"))),
      frame(COMMAND, sealed(0, Buffer.from("b"))),
      frame(0, sealed(MORE, Buffer.from("c"))),
      frame(MORE | COMMAND, sealed(COMMAND, pingCommand(100))),
      frame(0, sealed(0, Buffer.from("d"))),
    ])
    expect(recorder.error).toBeUndefined()
    expect(recorder.messages).toEqual([["a"], ["b"], ["c", "d"]])
    expect(recorder.pings).toEqual([100])
  })
})

describe("limits", () => {
  it("hold for what is inside", () => {
    const { recorder, sealed } = bare(1000)
    recorder.feed([frame(0, sealed(0, Buffer.alloc(1000)))])
    expect(recorder.messages.length).toBe(1)
    recorder.feed([frame(0, sealed(0, Buffer.alloc(1001)))])
    expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
  })

  it("don't hold for subscriptions, which have their own", () => {
    const { recorder, sealed } = bare(10)
    const subscribe = (size: number) =>
      Buffer.concat([Buffer.from("\tSUBSCRIBE"), Buffer.alloc(size - 10, "t")])
    recorder.feed([frame(0, sealed(COMMAND, subscribe(COMMAND_LIMIT)))])
    expect(recorder.controls.length).toBe(1)
    recorder.feed([frame(0, sealed(COMMAND, subscribe(COMMAND_LIMIT + 1)))])
    expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
  })

  it("bound a frame before its bytes arrive", () => {
    const { recorder } = bare(10)
    const header = Buffer.alloc(9)
    header[0] = LONG
    header.writeUInt32BE(COMMAND_LIMIT + 34, 5)
    recorder.feed([header])
    expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
  })
})

describe("secrets", () => {
  it("are overwritten when the session ends", () => {
    const { client, server } = pair()
    server.session.stop()
    client.session.outgoing.message([Buffer.from("x")])
    client.session.stop()
    const { client: own } = connected(ends())
    const protection = own.protection!
    protection.close()
    const body = Buffer.alloc(40)
    expect(() => protection.seal(0, Buffer.from("payload"), body, 0)).toThrow("closed")
    expect(codeOf(() => protection.open(Buffer.from(`\x07MESSAGE${"\xff".repeat(40)}`, "latin1")))).toBe(
      "ERR_ZMTP_CRYPTOGRAPHIC",
    )
  })
})
