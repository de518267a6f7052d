import { describe, expect, it } from "vitest"
import { LARGEST_MESSAGE, LONGEST_TOPIC, MOST_PARTS } from "../../../src/base/limits.ts"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { NullMechanism } from "../../../src/zmtp/mechanisms/null.ts"
import { messageLimits } from "../../../src/zmtp/message-limits.ts"
import { Session } from "../../../src/zmtp/session.ts"
import {
  bytes,
  GREETING,
  greetingWith,
  inTraffic,
  local,
  READY,
  Recorder,
  waysToCut,
} from "../../support/zmtp.ts"

const concat = (...pieces: Uint8Array[]) => Buffer.concat(pieces)
const OUR_READY = bytes(`04 1A 05 "READY" 0B "Socket-Type" 00000004 "PULL"`)

function readyWithId(size: number): Buffer {
  const id = bytes(`05 "READY" 08 "Identity" ${size.toString(16).padStart(8, "0")}`)
  const header = Buffer.from([0x06, 0, 0, 0, 0, 0, 0, (id.length + size) >> 8, (id.length + size) & 0xff])
  return concat(header, id, Buffer.alloc(size, "x"))
}

describe("greeting and handshake (zmtp.md 1.2, 4.1)", () => {
  it("greeting, READY and messages in one segment, or cut anywhere", () => {
    const input = concat(GREETING, READY, bytes(`01 01 "a" 00 01 "b" 00 00`))
    for (const [way, chunks] of waysToCut(input)) {
      const recorder = new Recorder().feed(chunks)
      expect(recorder.peer, way).toEqual({ socketType: "PUSH", routingId: Buffer.alloc(0) })
      expect(recorder.messages, way).toEqual([["a", "b"], [""]])
    }
  })

  it("sends its greeting in pieces as the peer's shows who it is, and READY without waiting for all of that", () => {
    const recorder = new Recorder()
    expect(recorder.takeSent()).toEqual(GREETING.subarray(0, 10))
    recorder.feed([GREETING.subarray(0, 9)])
    expect(recorder.takeSent().length).toBe(0)
    recorder.feed([GREETING.subarray(9, 10)])
    expect(recorder.takeSent()).toEqual(GREETING.subarray(10, 11))
    recorder.feed([GREETING.subarray(10, 11)])
    expect(recorder.takeSent()).toEqual(concat(GREETING.subarray(11), OUR_READY))
    recorder.feed([GREETING.subarray(11)])
    expect(recorder.takeSent().length).toBe(0)
    expect(recorder.session.phase).toBe("handshake")
    expect(recorder.peer).toBeUndefined()
  })

  it("sends no subscription before both READYs", () => {
    const recorder = new Recorder("SUB")
    recorder.takeSent()
    recorder.session.control({ type: "subscribe", topic: Buffer.from("t") })
    recorder.feed([GREETING])
    recorder.session.control({ type: "subscribe", topic: Buffer.from("t") })
    expect(recorder.takeSent().includes("SUBSCRIBE")).toBe(false)
  })

  it("accepts a READY without the COMMAND flag, and one in a long frame", () => {
    for (const header of [bytes("00 1A"), bytes("02 000000000000001A"), bytes("05 1A")])
      expect(new Recorder().feed([GREETING, header, READY.subarray(2)]).session.phase).toBe("traffic")
  })

  it("the socket's maxMessageSize doesn't keep handshakes from succeeding", () => {
    expect(inTraffic("PULL", 10).error).toBeUndefined()
    expect(inTraffic("PULL", 0).error).toBeUndefined()
  })

  const refusals: [title: string, input: Buffer, code: string][] = [
    ["PING before READY", bytes(`04 07 04 "PING" 0000`), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a subscription before READY", bytes(`04 0A 09 "SUBSCRIBE"`), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["an unknown command", bytes(`04 04 03 "FOO"`), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a message that parses as no command", bytes(`00 05 "hello"`), "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"],
    ["an empty frame", bytes("00 00"), "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"],
    ["a truncated READY", bytes(`04 04 05 "REA"`), "ERR_ZMTP_MALFORMED_COMMAND_READY"],
    ["READY with leftover bytes", bytes(`04 07 05 "READY" 01`), "ERR_ZMTP_INVALID_METADATA"],
    ["a routing id of more than 255 bytes", readyWithId(256), "ERR_ZMTP_INVALID_METADATA"],
    ["a routing id of 60,000 bytes", readyWithId(60_000), "ERR_ZMTP_INVALID_METADATA"],
    ["a truncated ERROR", bytes(`04 05 05 "ERRO"`), "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
    ["ERROR without a reason", bytes(`04 06 05 "ERROR"`), "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
    ["ERROR", bytes(`04 0A 05 "ERROR" 03 "400"`), "EACCES"],
    ["a second READY", concat(READY, READY), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["ERROR after READY", concat(READY, bytes(`04 06 05 "ERROR" 00`)), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    ["a frame of 2^63 bytes", bytes("02 8000000000000000"), "EMSGSIZE"],
    ["a message frame of more than 64 KiB", bytes("02 0000000000010001"), "EMSGSIZE"],
    ["a command of 1 MB", concat(bytes("06 0000000000100000"), Buffer.alloc(1 << 20)), "EMSGSIZE"],
  ]
  it.each(refusals)("ends at %s", (_, input, code) => {
    for (const [way, chunks] of waysToCut(input)) {
      const recorder = new Recorder().feed([GREETING, ...chunks])
      expect(recorder.error, way).toMatchObject({ code })
      expect(recorder.session.phase, way).toBe("failed")
    }
  })

  it("takes a routing id of 255 bytes", () => {
    const recorder = new Recorder().feed([GREETING, readyWithId(255)])
    expect(recorder.peer?.routingId).toEqual(Buffer.alloc(255, "x"))
  })

  it("the reason in an ERROR is told", () => {
    const { error } = new Recorder().feed([GREETING, bytes(`04 0A 05 "ERROR" 03 "bad"`)])
    expect(error?.reason).toContain("bad")
  })

  it("NULL itself refuses a second READY, however quick it is", () => {
    const mechanism = new NullMechanism(local("PULL"))
    mechanism.receive(READY.subarray(2))
    expect(mechanism.status).toBe("handshaking")
    expect(() => mechanism.receive(READY.subarray(2))).toThrow(
      expect.objectContaining({ code: "ERR_ZMTP_UNEXPECTED_COMMAND" }),
    )
  })

  it("nothing follows a failure", () => {
    const recorder = new Recorder().feed([Buffer.from("GET / HTTP/1.1\r\n\r\n")])
    expect(recorder.error).toMatchObject({ code: "ERR_ZMTP_UNSPECIFIED" })
    recorder.feed([GREETING, READY])
    expect(recorder.peer).toBeUndefined()
  })

  it("a mechanism that waits for something else wakes the session", () => {
    let wake = () => {}
    let allowed = false
    const inner = new NullMechanism(local("PULL"))
    const recorder = new Recorder()
    const session = new Session(
      local("PULL"),
      -1,
      (_, wakeSession) => {
        wake = wakeSession
        return {
          name: "NULL",
          asServer: false,
          get status() {
            return inner.status
          },
          get peer() {
            return inner.peer
          },
          next: () => (allowed ? inner.next() : undefined),
          receive: body => inner.receive(body),
        }
      },
      recorder,
    )
    session.receive(concat(GREETING, READY))
    expect(recorder.peer).toBeUndefined()
    allowed = true
    wake()
    expect(recorder.peer?.socketType).toBe("PUSH")
    expect(session.phase).toBe("traffic")
  })
})

describe("traffic (zmtp.md 2, 3)", () => {
  it("commands between the frames of a message don't disturb it", () => {
    const input = bytes(
      `01 01 "a" 04 07 04 "PING" 0000 01 01 "b" 05 05 04 "PONG" 04 00 04 04 03 "FOO" 04 0B 09 "SUBSCRIBE" "t" 00 01 "c"`,
    )
    for (const [way, chunks] of waysToCut(input)) {
      const recorder = inTraffic("XPUB").feed(chunks)
      expect(recorder.messages, way).toEqual([["a", "b", "c"]])
      expect(recorder.controls, way).toEqual(["subscribe t"])
      expect(recorder.takeSent(), way).toEqual(bytes(`04 05 04 "PONG"`))
    }
  })

  it.each([
    ["an unknown command", `04 04 03 "FOO"`],
    ["an empty command", "04 00"],
    ["a command with an empty name", "04 01 00"],
    ["a truncated name", `04 03 05 "RE"`],
    ["names are case-sensitive", `04 0A 09 "subscribe"`],
    ["a PING too short for its ttl", `04 06 04 "PING" 00`],
    ["a PONG nobody asked for", `04 05 04 "PONG"`],
    ["a handshake command of another mechanism", `04 06 05 "HELLO"`],
  ])("is silently dropped: %s", (_, input) => {
    const recorder = inTraffic("XPUB").feed([bytes(input), bytes(`00 01 "m"`)])
    expect(recorder.messages).toEqual([["m"]])
    expect(recorder.controls).toEqual([])
    expect(recorder.takeSent().length).toBe(0)
  })

  it("SUBSCRIBE and CANCEL are control, in long frames and with COMMAND+MORE too; any bytes are a topic", () => {
    const input = bytes(`06 000000000000000B 09 "SUBSCRIBE" 00 05 08 06 "CANCEL" FF 04 07 06 "CANCEL"`)
    for (const [way, chunks] of waysToCut(input))
      expect(inTraffic("PUB").feed(chunks).controls, way).toEqual([
        "subscribe \x00",
        "cancel \xff",
        "cancel ",
      ])
  })

  it("message-form subscriptions of a 3.1 peer are ordinary messages here", () =>
    expect(inTraffic("XPUB").feed([bytes(`00 02 01 "T"`)]).messages).toEqual([["\x01T"]]))

  it("PING is answered with its context, at most 16 bytes of it, and its ttl is told", () => {
    const recorder = inTraffic().feed([bytes(`04 19 04 "PING" 000A "0123456789abcdefgh"`)])
    expect(recorder.takeSent()).toEqual(bytes(`04 15 04 "PONG" "0123456789abcdef"`))
    expect(recorder.pings).toEqual([1000])
  })

  it("PONGs don't pile up without bound when the peer doesn't read", () => {
    const recorder = inTraffic()
    recorder.output = () => {}
    const ping = bytes(`04 07 04 "PING" 0000`)
    for (let i = 0; i < 100; i++) recorder.feed([Buffer.alloc(9 * 1000, ping)])
    expect(recorder.session.outgoing.bytes).toBeLessThan(65 * 1024)
  })

  it("maxMessageSize is per frame, and not for commands", () => {
    const recorder = inTraffic("XPUB", 3).feed([bytes(`01 03 "abc" 00 03 "def" 04 0E 09 "SUBSCRIBE" "topi"`)])
    expect(recorder.messages).toEqual([["abc", "def"]])
    expect(recorder.feed([bytes("00 04")]).error).toMatchObject({ code: "EMSGSIZE" })
  })

  it("with maxMessageSize a message of several parts is limited as a whole, each part counting 128 bytes more", () => {
    for (const [maxMessageSize, whole] of [
      [0, 4 * 1024 * 1024],
      [64, 4 * 1024 * 1024],
      [1024 * 1024, 16 * 1024 * 1024],
    ] as const) {
      const size = Math.min(64, maxMessageSize)
      const most = Math.floor(whole / (size + 128))
      const body = Buffer.alloc(size)
      const recorder = inTraffic("PULL", maxMessageSize)
      const more = concat(Buffer.of(1, size), body)
      recorder.feed([Buffer.alloc(more.length * (most - 1), more), Buffer.of(0, size), body])
      expect(recorder.messages.map(({ length }) => length)).toEqual([most])
      recorder.feed([Buffer.alloc(more.length * most, more), Buffer.of(0, size), body])
      expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
    }
  })

  it("maxMessageSize beyond the fixed limits changes nothing", () => {
    expect(messageLimits(2 ** 40)).toEqual(messageLimits(-1))
    expect(messageLimits(2 ** 30)).toEqual({ part: 2 ** 30, whole: LARGEST_MESSAGE })
  })

  it("a subscription to the longest topic is taken, and a longer command ends the session", () => {
    const command = (size: number) => {
      const header = bytes(`06 ${(10 + size).toString(16).padStart(16, "0")} 09 "SUBSCRIBE"`)
      return concat(header, Buffer.alloc(size, "t"))
    }
    const recorder = inTraffic("XPUB", 3).feed([command(LONGEST_TOPIC)])
    expect(recorder.controls).toEqual([`subscribe ${"t".repeat(LONGEST_TOPIC)}`])
    recorder.feed([command(LONGEST_TOPIC + 1)])
    expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
  })

  it("a message of endless empty frames ends the session", () => {
    const recorder = inTraffic()
    const frames = Buffer.alloc(64 * 1024, bytes("01 00"))
    for (let i = 0; i <= (MOST_PARTS * 2) / frames.length; i++) recorder.feed([frames])
    expect(recorder.error).toMatchObject({ code: "EMSGSIZE" })
    expect(recorder.messages).toEqual([])
  })

  it("READY and ERROR after the handshake end the session; messages before them are delivered", () => {
    for (const command of [READY, bytes(`04 06 05 "ERROR" 00`)]) {
      const recorder = inTraffic().feed([concat(bytes(`00 01 "m"`), command, bytes(`00 01 "n"`))])
      expect(recorder.messages).toEqual([["m"]])
      expect(recorder.error).toMatchObject({ code: "ERR_ZMTP_UNEXPECTED_COMMAND" })
    }
  })
})

describe("the work of a turn", () => {
  const pings = (count: number) => Buffer.alloc(9 * count, bytes(`04 07 04 "PING" 0000`))

  /** As a peer whose turn is spent by others. */
  const spent = () => {
    turnWork.left = 0
  }

  it("ends with some frames when it is spent, and goes on when it is told, without a loss", () => {
    const recorder = inTraffic()
    spent()
    const input = concat(...Array.from({ length: 40 }, (_, n) => Buffer.of(0, 1, 48 + (n % 10))))
    recorder.session.receive(input)
    expect([recorder.messages.length, recorder.session.resting, recorder.session.idle]).toEqual([
      16,
      true,
      false,
    ])
    // What comes meanwhile waits, and so does what a resume() would let through.
    recorder.session.receive(input)
    recorder.session.pause()
    recorder.session.resume()
    expect([recorder.messages.length, recorder.session.vacancy()]).toEqual([16, undefined])
    while (recorder.session.resting) recorder.session.goOn()
    expect(recorder.messages.flat().join("")).toBe("0123456789".repeat(8))
    expect(recorder.session.idle).toBe(true)
  })

  it("counts commands as well, and bytes", () => {
    const recorder = inTraffic()
    spent()
    recorder.session.receive(pings(100))
    expect(recorder.takeSent().length).toBe(16 * 7)
    recorder.session.stop()
    turnWork.left = WORK_PER_TURN
    inTraffic().session.receive(Buffer.alloc(64 * 1024, bytes("02 0000000000010000")))
    expect(turnWork.left).toBe(WORK_PER_TURN - 16)
  })

  it("asks the owner once to be told to go on", () => {
    const recorder = inTraffic()
    let asked = 0
    recorder.exhausted = () => {
      asked++
    }
    spent()
    recorder.session.receive(pings(100))
    recorder.session.receive(pings(100))
    recorder.session.resume()
    expect(asked).toBe(1)
    recorder.session.goOn()
    expect(asked).toBe(2)
    recorder.session.stop()
    recorder.session.goOn()
    expect([asked, recorder.session.idle]).toEqual([2, true])
  })
})

describe("subscriptions in the dialect of the peer (zmtp.md 3.3)", () => {
  const topic = Buffer.from("t")
  it("3.1: commands", () => {
    const { session } = inTraffic("SUB")
    session.control({ type: "subscribe", topic })
    session.control({ type: "cancel", topic })
    expect(Buffer.concat(session.outgoing.take())).toEqual(
      bytes(`04 0B 09 "SUBSCRIBE" "t" 04 08 06 "CANCEL" "t"`),
    )
  })
  it("3.0: messages", () => {
    const { session } = inTraffic("SUB", -1, greetingWith({ 11: 0 }))
    session.control({ type: "subscribe", topic })
    session.control({ type: "cancel", topic })
    expect(Buffer.concat(session.outgoing.take())).toEqual(bytes(`00 02 01 "t" 00 02 00 "t"`))
  })
  it.each([254, 255, 256])("3.0: a topic of %i bytes has a whole header", size => {
    const { session } = inTraffic("SUB", -1, greetingWith({ 11: 0 }))
    session.control({ type: "subscribe", topic: Buffer.alloc(size, "t") })
    const receiver = inTraffic("XPUB").feed(session.outgoing.take())
    expect(receiver.messages).toEqual([[`\x01${"t".repeat(size)}`]])
  })
})

describe("pausing", () => {
  const three = bytes(`00 01 "a" 00 01 "b" 01 01 "c" 00 01 "d"`)

  it("stops after the message that asked for it, and continues with the rest", () => {
    for (const [way, chunks] of waysToCut(three)) {
      const recorder = inTraffic()
      recorder.onMessage = () => recorder.session.pause()
      recorder.feed(chunks)
      expect(recorder.messages, way).toEqual([["a"]])
      recorder.session.resume()
      expect(recorder.messages, way).toEqual([["a"], ["b"]])
      expect(recorder.session.idle, way).toBe(false)
      recorder.session.resume()
      expect(recorder.messages, way).toEqual([["a"], ["b"], ["c", "d"]])
      recorder.session.resume()
      expect(recorder.session.idle, way).toBe(true)
    }
  })

  it("resume inside a callback continues the running loop, without recursion", () => {
    const recorder = inTraffic()
    let depth = 0
    recorder.onMessage = () => {
      expect(++depth).toBe(1)
      recorder.session.pause()
      recorder.session.resume()
      recorder.session.receive(bytes(""))
      depth--
    }
    recorder.feed([Buffer.alloc(60_000, bytes(`00 01 "a"`))])
    expect(recorder.messages.length).toBe(20_000)
  })

  it("stop inside a callback is the end", () => {
    const recorder = inTraffic()
    recorder.onMessage = () => recorder.session.stop()
    recorder.feed([three, three])
    expect(recorder.messages).toEqual([["a"]])
    expect(recorder.session.idle).toBe(true)
  })

  it("a sink that throws ends the session, which tells why, and nothing is thrown", () => {
    const recorder = inTraffic()
    const thrown = new Error("mine")
    recorder.failed = error => {
      recorder.error = error
    }
    recorder.onMessage = () => {
      throw thrown
    }
    recorder.feed([three, three])
    expect(recorder.error).toMatchObject({ code: "EPROTO", cause: thrown })
    expect([recorder.messages, recorder.session.phase]).toEqual([[["a"]], "failed"])
    recorder.onMessage = () => {
      throw new Error("after the end")
    }
    recorder.session.resume()
  })

  it("a sink that stops the session and throws is left alone", () => {
    const recorder = inTraffic()
    recorder.onMessage = () => {
      recorder.session.stop()
      throw new Error("mine")
    }
    recorder.feed([three])
    expect([recorder.error, recorder.session.phase]).toEqual([undefined, "stopped"])
  })
})

it("two sessions understand each other", () => {
  const left = new Recorder("DEALER")
  const right = new Recorder("ROUTER")
  for (let i = 0; i < 3; i++) {
    right.feed([left.takeSent()])
    left.feed([right.takeSent()])
  }
  left.session.outgoing.message([Buffer.from("to"), Buffer.alloc(0), Buffer.alloc(70_000, "x")])
  right.feed([left.takeSent()])
  expect(left.peer?.socketType).toBe("ROUTER")
  expect(right.peer?.socketType).toBe("DEALER")
  expect(right.messages).toEqual([["to", "", "x".repeat(70_000)]])
})
