/** Peers of ZMTP 2.0 and 1.0, as bytes (zmtp.md 1.3). */
import { describe, expect, it } from "vitest"
import { forbidsDialling } from "../../../src/base/errors.ts"
import type { SocketTypeName } from "../../../src/base/socket-types.ts"
import { NullMechanism } from "../../../src/zmtp/mechanisms/null.ts"
import { OldFrameReader, oldFrame } from "../../../src/zmtp/old-frames.ts"
import { Session } from "../../../src/zmtp/session.ts"
import { bytes, local, Recorder, waysToCut } from "../../support/zmtp.ts"

const concat = (...pieces: Uint8Array[]) => Buffer.concat(pieces)
const SIGNATURE = "FF 00000000 00000001 7F"

interface Case {
  readonly ours: SocketTypeName
  readonly input: Buffer
  /** What we send behind our signature. */
  readonly sent: Buffer
  readonly peer: { readonly socketType: string | undefined; readonly id: string }
  readonly messages: readonly (readonly string[])[]
}

const LONG = "x".repeat(300)

const CASES: Record<string, Case> = {
  "2.0, anonymous": {
    ours: "PULL",
    input: bytes(`${SIGNATURE} 01 08 00 00 01 01 "a" 00 01 "b" 00 00`),
    sent: bytes("03 07 00 00"),
    peer: { socketType: "PUSH", id: "" },
    messages: [["a", "b"], [""]],
  },
  "2.0 with a routing id and a long frame": {
    ours: "ROUTER",
    input: bytes(`${SIGNATURE} 01 05 00 02 "me" 02 000000000000012C "${LONG}"`),
    sent: bytes("03 06 00 00"),
    peer: { socketType: "DEALER", id: "me" },
    messages: [[LONG]],
  },
  "2.0 of a type that nobody knows": {
    ours: "PULL",
    input: bytes(`${SIGNATURE} 01 63 00 00 00 01 "a"`),
    sent: bytes("03 07 00 00"),
    peer: { socketType: undefined, id: "" },
    messages: [["a"]],
  },
  "1.0 with a signature": {
    ours: "DEALER",
    input: bytes(`${SIGNATURE} 00 06 03 00 "me" 02 01 "a" 01 00 FF 000000000000012D 00 "${LONG}"`),
    sent: bytes("03 05 01 00"),
    peer: { socketType: "ROUTER", id: "me" },
    messages: [["a", ""], [LONG]],
  },
  "1.0 bare, anonymous": {
    ours: "PULL",
    input: bytes(`01 00 02 01 "a" 02 00 "b"`),
    sent: Buffer.alloc(0),
    peer: { socketType: undefined, id: "" },
    messages: [["a", "b"]],
  },
  "1.0 bare with a routing id": {
    ours: "ROUTER",
    input: bytes(`03 00 "me" 01 01 02 00 "b"`),
    sent: Buffer.alloc(0),
    peer: { socketType: undefined, id: "me" },
    messages: [["", "b"]],
  },
  "1.0 bare with a routing id of 255 bytes": {
    ours: "ROUTER",
    input: bytes(`FF 0000000000000100 00 "${"i".repeat(255)}" 02 00 "b"`),
    sent: Buffer.alloc(0),
    peer: { socketType: undefined, id: "i".repeat(255) },
    messages: [["b"]],
  },
  "1.0 bare, which doesn't subscribe": {
    ours: "XPUB",
    input: bytes(`01 00 03 00 01 "t"`),
    sent: Buffer.alloc(0),
    peer: { socketType: undefined, id: "" },
    messages: [["\x01"], ["\x01t"]],
  },
}

describe.each(Object.entries(CASES))("a peer of ZMTP %s", (_, { ours, input, sent, peer, messages }) => {
  it("is understood, however its bytes are cut", () => {
    for (const [way, chunks] of waysToCut(input)) {
      const recorder = new Recorder(ours).feed(chunks)
      expect(recorder.error, way).toBeUndefined()
      expect(recorder.peer, way).toEqual({
        socketType: peer.socketType,
        routingId: Buffer.from(peer.id),
      })
      expect(recorder.messages, way).toEqual(messages)
      expect(recorder.takeSent().subarray(10), way).toEqual(sent)
      expect(recorder.session.takesCommands).toBe(false)
    }
  })
})

describe("to a peer of ZMTP", () => {
  const anonymous = { "2.0": "01 02 00 00", "1.0": "00 02 01 00" }
  it.each([
    ["2.0", '00 02 01 "t"', '01 01 "a" 00 01 "b"'],
    ["1.0", '03 00 01 "t"', '02 01 "a" 02 00 "b"'],
  ] as const)(
    "%s subscriptions go as messages, and messages in its frames",
    (version, subscribe, message) => {
      const recorder = new Recorder("XSUB").feed([bytes(`${SIGNATURE} ${anonymous[version]}`)])
      recorder.takeSent()
      recorder.session.control({ type: "subscribe", topic: Buffer.from("t") })
      recorder.session.outgoing.message([Buffer.from("a"), Buffer.from("b")])
      expect(recorder.takeSent()).toEqual(bytes(subscribe + message))
    },
  )

  it("1.0 without a greeting the signature is the header of our routing id", () => {
    let sent = Buffer.alloc(0)
    const session = new Session(local("DEALER", "abc"), -1, peer => new NullMechanism(peer), {
      output: () => {
        sent = concat(sent, ...session.outgoing.take())
      },
      ready() {},
      message() {},
      requested() {},
      pinged() {},
      ponged() {},
      exhausted() {},
      refused() {},
      failed(error) {
        throw error
      },
    })
    session.start()
    session.receive(bytes("01 00"))
    expect(sent).toEqual(bytes('FF 0000000000000004 7F "abc"'))
  })

  it("1.0 each size of a body comes back", () => {
    for (const size of [0, 1, 252, 253, 254, 255, 256, 5000]) {
      const body = Buffer.alloc(size, "b")
      const header = size > 255 ? bytes("03 00000000") : Buffer.of(1, size)
      if (size > 255) header.writeUInt32BE(size, 1)
      const read = new OldFrameReader(Buffer.alloc(0)).translate(oldFrame(1, body))
      const expected = size >= 254 ? read.subarray(0, 9) : Buffer.of(1, size)
      expect(read).toEqual(concat(expected, body))
      if (size >= 254) expect([read[0], read.readUInt32BE(5)]).toEqual([3, size])
    }
  })
})

describe("is refused", () => {
  const V1 = `${SIGNATURE} 00 08`
  const V2 = `${SIGNATURE} 01 08`
  it.each([
    ["a frame of 1.0 without flags", `${V1} 01 00 00`, "ERR_ZMTP_UNSPECIFIED"],
    ["a long one without flags", `${V1} 01 00 FF 0000000000000000 00`, "ERR_ZMTP_UNSPECIFIED"],
    ["a flag that 1.0 doesn't have", `${V1} 01 00 02 02 "x"`, "ERR_ZMTP_UNSPECIFIED"],
    ["a frame of 1.0 of 2^64 bytes", `${V1} 01 00 FF FFFFFFFFFFFFFFFF 00`, "EMSGSIZE"],
    ["a frame of 1.0 of 2^63 bytes", `${V1} 01 00 FF 8000000000000000 00`, "EMSGSIZE"],
    ["a routing id with more parts in 1.0", `${V1} 01 01`, "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a routing id with more parts in 2.0", `${V2} 01 00`, "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [
      "a routing id of 256 bytes",
      `${V2} 02 0000000000000100 "${"i".repeat(256)}"`,
      "ERR_ZMTP_INVALID_METADATA",
    ],
    ["a command in 2.0", `${V2} 00 00 04 07 04 "PING" 0000`, "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a nameless command in 2.0", `${V2} 00 00 04 00`, "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a huge frame in 2.0", `${V2} 00 00 02 8000000000000000`, "EMSGSIZE"],
  ])("%s", (_, notation, code) => {
    for (const [way, chunks] of waysToCut(bytes(notation))) {
      const recorder = new Recorder("PULL").feed(chunks)
      expect(recorder.error, way).toMatchObject({ code })
      expect(recorder.messages, way).toEqual([])
    }
  })

  it.each([
    ["HTTP", "HTTP/1.1 503 Service Unavailable\r\n\r\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"],
    ["a TLS alert", "\x15\x03\x01\x00\x02\x02\x28"],
    ["MySQL", "\x4a\x00\x00\x00\x0a5.7.42"],
    ["RDP", "\x03\x00\x00\x13\x0e\xd0"],
    ["an id that begins with 0, in a long frame", "\xff\0\0\0\0\0\0\x01\0\0\0"],
    ["no size", "\0\0"],
  ])("%s, and dialled on", (_, text) => {
    const input = Buffer.from(text, "latin1")
    for (const [way, chunks] of waysToCut(input)) {
      const { error, peer, messages } = new Recorder("PULL").feed(chunks)
      expect(error, way).toMatchObject({ code: "ERR_ZMTP_UNSPECIFIED" })
      expect(forbidsDialling(error), way).toBe(false)
      expect([peer, messages], way).toEqual([undefined, []])
    }
  })

  it("an old peer where there is security, or a type without a number", () => {
    const recorder = new Recorder("PULL")
    const make = (name: string, socketType: string) =>
      new Session(
        { ...local("PULL"), socketType },
        -1,
        peer => {
          const inner = new NullMechanism(peer)
          return {
            name,
            asServer: false,
            status: "handshaking",
            peer: inner.peer,
            next: () => undefined,
            receive() {},
          }
        },
        recorder,
      )
    for (const [name, type] of [
      ["PLAIN", "PULL"],
      ["NULL", "CHATTER"],
    ] as const) {
      recorder.error = undefined
      make(name, type).receive(bytes(`${SIGNATURE} 01 08`))
      expect(recorder.error).toMatchObject({ reason: expect.stringMatching(/ZMTP 2.0/) })
    }
  })
})
