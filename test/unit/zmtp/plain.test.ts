/** The two machines of PLAIN (RFC 24; zmtp.md 4.2, 3.2): every command cut, lengthened, repeated, out of order, at random. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import type { Credentials, Verdict } from "../../../src/contracts/security.ts"
import { errorCommand, readyCommand } from "../../../src/zmtp/command.ts"
import { encodeGreeting } from "../../../src/zmtp/greeting.ts"
import type { MakeMechanism, Mechanism, MechanismHost } from "../../../src/zmtp/mechanism.ts"
import { NullMechanism } from "../../../src/zmtp/mechanisms/null.ts"
import { PlainClient } from "../../../src/zmtp/mechanisms/plain-client.ts"
import { PlainServer } from "../../../src/zmtp/mechanisms/plain-server.ts"
import { Session } from "../../../src/zmtp/session.ts"
import { bytes, local, waysToCut } from "../../support/zmtp.ts"

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
console.log(`FUZZ_SEED=${seed}`)

const HELLO = bytes(`05 "HELLO" 05 "alice" 06 "secret"`)
const WELCOME = bytes(`07 "WELCOME"`)
const INITIATE = bytes(`08 "INITIATE" 0B "Socket-Type" 00000006 "DEALER" 08 "Identity" 00000002 "me"`)
const READY = Buffer.from(readyCommand(local("ROUTER")))
/** libzmq's own spelling in PLAIN. */
const RROR = bytes(`"^RROR" 03 "400"`)

class Host implements MechanismHost {
  gate: MechanismHost["gate"]
  examinesNull = false
  verdict: Verdict | undefined
  readonly asked: Credentials[] = []

  constructor(readonly answer: Verdict | "later" = { name: "accepted" }) {}

  examine(credentials: Credentials): void {
    this.asked.push(credentials)
    if (this.answer !== "later") this.verdict = this.answer
  }
}

/** All that the machine says by now. */
function said(machine: Mechanism): Buffer[] {
  const bodies: Buffer[] = []
  for (let body = machine.next(); body !== undefined; body = machine.next()) bodies.push(Buffer.from(body))
  return bodies
}

/** Each step is what is received, and what is said to that. */
function runs(machine: Mechanism, steps: readonly Buffer[]): Buffer[][] {
  return [
    said(machine),
    ...steps.map(step => {
      machine.receive(step)
      return said(machine)
    }),
  ]
}

const client = (host = new Host()) =>
  new PlainClient(local("DEALER", "me"), host, Buffer.from("alice"), Buffer.from("secret"))
const server = (host = new Host()) => new PlainServer(local("ROUTER"), host)

/** The machines, each with the steps before a command, and that command. */
const RECEIVED: [name: string, make: () => Mechanism, before: Buffer[], command: Buffer, cut: string][] = [
  ["HELLO", server, [], HELLO, "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
  ["INITIATE", server, [HELLO], INITIATE, "ERR_ZMTP_INVALID_METADATA"],
  ["WELCOME", client, [], WELCOME, "ERR_ZMTP_MALFORMED_COMMAND_WELCOME"],
  ["READY", client, [WELCOME], READY, "ERR_ZMTP_INVALID_METADATA"],
  ["ERROR", client, [], Buffer.from(errorCommand("400")), "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
]

describe("a handshake", () => {
  it("is byte for byte as libzmq's, on both ends", () => {
    const [hello, initiate, nothing] = runs(client(), [WELCOME, READY])
    expect([hello, initiate, nothing]).toEqual([[HELLO], [INITIATE], []])
    expect(runs(server(), [HELLO, INITIATE])).toEqual([[], [WELCOME], [READY]])
  })

  it("makes both ready, and tells each what the other is", () => {
    const host = new Host()
    const [one, other] = [client(), server(host)]
    expect([one.status, other.status, one.peer.socketType]).toEqual(["handshaking", "handshaking", undefined])
    runs(one, [WELCOME, READY])
    runs(other, [HELLO, INITIATE])
    expect([one.status, other.status]).toEqual(["ready", "ready"])
    expect(one.peer.socketType).toBe("ROUTER")
    expect(other.peer).toEqual({ socketType: "DEALER", routingId: Buffer.from("me") })
    expect(host.asked).toEqual([
      {
        mechanism: "PLAIN",
        username: new Uint8Array(Buffer.from("alice")),
        password: new Uint8Array(Buffer.from("secret")),
      },
    ])
  })

  it("waits for the verdict, and goes on when it is there", () => {
    const host = new Host("later")
    const machine = server(host)
    expect(runs(machine, [HELLO])).toEqual([[], []])
    host.verdict = { name: "accepted" }
    expect(said(machine)).toEqual([WELCOME])
  })

  it.each([
    [{ name: "refused", status: 400 }, [Buffer.from(errorCommand("400"))]],
    [{ name: "refused", status: 500, reason: "inside" }, [Buffer.from(errorCommand("500"))]],
    [{ name: "refused", status: 300 }, []],
    [{ name: "failed", error: new Error("inside") }, []],
  ] as [Verdict, Buffer[]][])("after the verdict %j says so, and no more", (verdict, expected) => {
    const machine = server(new Host(verdict))
    expect(runs(machine, [HELLO])).toEqual([[], expected])
    expect(machine.refusal).toMatchObject(
      verdict.name === "refused" ? { status: verdict.status } : { message: "inside" },
    )
    expect(machine.status).toBe("handshaking")
    expect(() => machine.receive(INITIATE)).toThrow("ZMTP protocol error")
  })

  it("keeps READY back, or waits after it, until the gate opens", () => {
    for (const [make, steps, last] of [
      [client, [WELCOME, READY], []],
      [server, [HELLO, INITIATE], [READY]],
    ] as [(host: Host) => Mechanism, Buffer[], Buffer[]][]) {
      const host = new Host()
      let isOpen = false
      const peers: unknown[] = []
      host.gate = {
        opensFor: peer => {
          peers.push(peer?.socketType)
          return isOpen
        },
      }
      const machine = make(host)
      runs(machine, steps)
      expect(machine.status).toBe("handshaking")
      isOpen = true
      expect(said(machine)).toEqual(last)
      expect(machine.status).toBe("ready")
      expect(new Set(peers).size).toBe(1)
    }
  })

  it("takes both spellings of ERROR for a refusal", () => {
    for (const error of [RROR, Buffer.from(errorCommand("400"))])
      for (const before of [[], [WELCOME]]) {
        const machine = client()
        runs(machine, before)
        expect(() => machine.receive(error)).toThrow(expect.objectContaining({ code: "EACCES", status: 400 }))
      }
  })

  it("takes the longest names and empty ones", () => {
    const host = new Host()
    runs(server(host), [Buffer.concat([bytes(`05 "HELLO" FF`), Buffer.alloc(255, "n"), bytes("00")])])
    expect(host.asked).toMatchObject([
      { username: new Uint8Array(Buffer.alloc(255, "n")), password: new Uint8Array(0) },
    ])
  })
})

describe.each(RECEIVED)("%s", (name, make, before, command, code) => {
  const ready = () => {
    const machine = make()
    runs(machine, before)
    return machine
  }

  it("cut at any byte is refused", () => {
    const shortest = name === "WELCOME" || name === "ERROR" ? 0 : name.length + 1
    for (let end = 0; end < command.length; end++) {
      // A property list may end between two properties; without any it is empty, which libzmq takes too.
      const isWhole = (name === "INITIATE" || name === "READY") && [shortest, shortest + 22].includes(end)
      const machine = ready()
      const receive = () => machine.receive(command.subarray(0, end))
      if (isWhole) expect(receive).not.toThrow()
      else expect(receive, `cut at ${end}`).toThrow("ZMTP protocol error")
    }
  })

  it("lengthened by a byte is refused, with its own code", () => {
    if (name === "ERROR") return
    expect(() => ready().receive(Buffer.concat([command, Buffer.of(1)]))).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it("a second time, or any other command in its place, is refused", () => {
    const due = name === "ERROR" ? WELCOME : command
    for (const other of [HELLO, WELCOME, INITIATE, READY, bytes(`04 "PING" 0000`), bytes(`07 "MESSAGE"`)]) {
      const machine = ready()
      if (other.equals(due)) runs(machine, [other])
      expect(() => machine.receive(other)).toThrow()
    }
  })

  it(`at random, changed in any way, never does more than be refused (FUZZ_SEED=${seed})`, () => {
    const edits = fc.array(
      fc.record({
        at: fc.nat(command.length),
        kind: fc.constantFrom("set", "insert", "delete"),
        byte: fc.nat(255),
      }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(edits, changes => {
        const machine = ready()
        const body = [...command]
        for (const { at, kind, byte } of changes)
          if (kind === "set") body[Math.min(at, body.length - 1)] = byte
          else body.splice(at, kind === "delete" ? 1 : 0, ...(kind === "insert" ? [byte] : []))
        try {
          machine.receive(Buffer.from(body))
          said(machine)
        } catch (error) {
          expect(isProtocolError(error) || (error as { status?: number }).status !== undefined).toBe(true)
        }
      }),
      { seed, numRuns: 2000 },
    )
  })
})

describe("NULL with a handler", () => {
  it("asks before READY, and says ERROR or nothing where it is refused", () => {
    for (const [verdict, expected] of [
      [{ name: "accepted" }, [READY]],
      [{ name: "refused", status: 400 }, [Buffer.from(errorCommand("400"))]],
      [{ name: "refused", status: 300 }, []],
    ] as [Verdict, Buffer[]][]) {
      const host = new Host("later")
      host.examinesNull = true
      const machine = new NullMechanism(local("ROUTER"), host)
      expect(said(machine)).toEqual([])
      machine.receive(READY)
      expect(said(machine)).toEqual([])
      expect(machine.status).toBe("handshaking")
      host.verdict = verdict
      expect(said(machine)).toEqual(expected)
      expect(machine.status).toBe(verdict.name === "accepted" ? "ready" : "handshaking")
      expect(host.asked).toEqual([{ mechanism: "NULL" }])
    }
  })

  it("takes no old peers, because they can't be asked about in time", () => {
    const host = new Host()
    expect(new NullMechanism(local("ROUTER"), host).older).toBeDefined()
    host.examinesNull = true
    expect(new NullMechanism(local("ROUTER"), host).older).toBeUndefined()
  })
})

describe("a session with another mechanism", () => {
  /** Everything that our end says to these bytes. */
  function heard(make: MakeMechanism, said: Uint8Array[]) {
    const told: unknown[] = []
    const sent: Uint8Array[] = []
    const take = () => sent.push(...session.outgoing.take())
    const session: Session = new Session(local("DEALER"), -1, peer => make(peer, new Host()), {
      output: take,
      refused(error) {
        take()
        told.push(error)
      },
      failed: error => told.push(error),
      ready() {},
      message() {},
      requested() {},
      pinged() {},
      ponged() {},
      exhausted() {},
    })
    session.start()
    for (const chunk of said) session.receive(chunk)
    return { told, sent: Buffer.concat(sent) }
  }
  const plain: MakeMechanism = (peer, host) =>
    new PlainClient(peer, host, Buffer.from("alice"), Buffer.from("secret"))
  const none: MakeMechanism = (peer, host) => new NullMechanism(peer, host)

  it("tells a password to nobody before the peer has told its mechanism", () => {
    const greeting = encodeGreeting("PLAIN", true)
    for (let end = 0; end < greeting.length; end++) {
      const { sent } = heard(plain, [greeting.subarray(0, end)])
      expect(sent.includes("secret"), `after ${end} bytes`).toBe(false)
    }
    expect(heard(plain, [greeting]).sent.includes("secret")).toBe(true)
    expect(heard(plain, [encodeGreeting("CURVE", true)]).sent.includes("secret")).toBe(false)
  })

  it.each([
    ["PLAIN", "NULL", none],
    ["NULL", "PLAIN", plain],
    ["CURVE", "PLAIN", plain],
  ] as const)(
    "sends a %s peer its whole greeting, because then both ends know: ours is %s",
    (theirs, ours, make) => {
      for (const [way, chunks] of waysToCut(Buffer.from(encodeGreeting(theirs, false)))) {
        const { told, sent } = heard(make, chunks)
        expect(told, way).toMatchObject([{ code: "ERR_ZMTP_MECHANISM_MISMATCH" }])
        expect(sent.subarray(12, 32).toString(), way).toBe(ours.padEnd(20, "\0"))
        expect(sent.length).toBeGreaterThanOrEqual(64)
      }
    },
  )
})
