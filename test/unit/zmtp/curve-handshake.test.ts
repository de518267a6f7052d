/** The handshake of CURVE by the table of what both ends must reject (RFC 26, zmq_curve(7)). */
import { describe, expect, it } from "vitest"
import { Cookies } from "../../../src/security/cookies.ts"
import { command, errorCommand } from "../../../src/zmtp/command.ts"
import { COMMAND, MORE } from "../../../src/zmtp/frame.ts"
import {
  boxes,
  CLIENT,
  clock,
  codeOf,
  connected,
  curveClient,
  curveServer,
  type Ends,
  ends,
  flipped,
  Host,
  initiated,
  readied,
  SERVER,
  take,
  welcomed,
} from "../../support/curve.ts"

const CRYPTO = "ERR_ZMTP_CRYPTOGRAPHIC"
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND"
const UNSPECIFIED = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"

/** The commands that a machine receives, with the machine that is ready to receive it, and the code for another size. */
const COMMANDS = [
  {
    name: "HELLO",
    size: 200,
    sized: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
    make: (both: Ends) => ({ to: both.server, body: take(both.client) }),
  },
  {
    name: "WELCOME",
    size: 168,
    sized: CRYPTO,
    make: (both: Ends) => ({ to: both.client, body: welcomed(both) }),
  },
  {
    name: "INITIATE",
    size: 277,
    sized: "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
    make: (both: Ends) => ({ to: both.server, body: initiated(both) }),
  },
  {
    name: "READY",
    size: 50,
    sized: "ERR_ZMTP_MALFORMED_COMMAND_READY",
    make: (both: Ends) => ({ to: both.client, body: readied(both) }),
  },
]

describe("a handshake", () => {
  it("makes both ends ready, and tells each what the other is", () => {
    const host = new Host()
    const { client, server } = connected(ends(host))
    expect([client.status, server.status]).toEqual(["ready", "ready"])
    expect([client.peer.socketType, server.peer.socketType]).toEqual(["PULL", "PUSH"])
    expect(host.asked).toEqual([
      { mechanism: "CURVE", publicKey: Uint8Array.from(CLIENT.publicKey), socketType: "PUSH" },
    ])
  })

  it("lets both ends send, with the flags inside", () => {
    const { client, server } = connected()
    for (const [from, to] of [
      [client.protection!, server.protection!],
      [server.protection!, client.protection!],
    ] as const)
      for (const flags of [0, MORE, COMMAND]) {
        const payload = Buffer.from(`flags ${flags}`)
        const body = Buffer.alloc(payload.length + from.overhead)
        from.seal(flags, payload, body, 0)
        expect(body.toString("latin1", 0, 8)).toBe("\x07MESSAGE")
        expect(to.open(body)).toEqual(payload)
        expect(to.flags).toBe(flags)
      }
  })

  it.each(COMMANDS)("has $name in $size bytes", ({ size, make }) => {
    expect(make(ends()).body.length).toBe(size)
  })

  it("is different each time", () => {
    for (const { make } of COMMANDS) expect(make(ends()).body.equals(make(ends()).body)).toBe(false)
  })
})

describe.each(COMMANDS)("$name", ({ name, sized, make }) => {
  it("is refused when it is cut at any byte", () => {
    const least = { HELLO: 200, WELCOME: 168, INITIATE: 257, READY: 30 }[name]!
    for (let size = 0; size < make(ends()).body.length; size++) {
      const { to, body } = make(ends())
      const code = codeOf(() => to.receive(body.subarray(0, size)))
      expect(code, `${size} bytes`).toBe(size <= name.length ? UNSPECIFIED : size < least ? sized : CRYPTO)
    }
  })

  it("is refused with more bytes", () => {
    for (const more of [1, 16, 255, 60_000]) {
      const { to, body } = make(ends())
      const code = codeOf(() => to.receive(Buffer.concat([body, Buffer.alloc(more)])))
      expect(code).toBe(name === "HELLO" ? sized : CRYPTO)
    }
  })

  it("is refused the second time", () => {
    const { to, body } = make(ends())
    to.receive(Buffer.from(body))
    to.next()
    const code = codeOf(() => to.receive(body))
    expect(code).toBe(UNEXPECTED)
  })

  it("is refused with another name", () => {
    for (const other of COMMANDS.filter(each => each.name !== name)
      .map(each => each.name)
      .concat("MESSAGE", "PING")) {
      const { to, body } = make(ends())
      expect(codeOf(() => to.receive(Buffer.from(command(other, body.subarray(1 + name.length)))))).toBe(
        UNEXPECTED,
      )
    }
  })

  it("is refused with any bit changed, but for the padding of HELLO", () => {
    const { body } = make(ends())
    for (let bit = 0; bit < body.length * 8; bit += bit < 96 ? 1 : 7) {
      const at = bit >> 3
      const { to, body } = make(ends())
      const code = codeOf(() => to.receive(flipped(body, bit)))
      if (name === "HELLO" && at >= 8 && at < 80) expect(code).toBeUndefined()
      // This bit of a public key has no meaning (RFC 7748, 5).
      else if (name === "HELLO" && bit === 80 * 8 + 255) expect(code).toBeUndefined()
      else if (at === 0) expect([UNEXPECTED, UNSPECIFIED]).toContain(code)
      else if (at <= name.length) expect(code).toBe(UNEXPECTED)
      else expect(code, `bit ${bit}`).toBe(name === "HELLO" && at < 8 ? sized : CRYPTO)
    }
  }, 60_000)
})

describe("a server", () => {
  it("refuses a client that believes in another key", () => {
    const client = curveClient(new Host(), CLIENT, CLIENT.publicKey)
    expect(codeOf(() => curveServer().receive(take(client)))).toBe(CRYPTO)
  })

  it("takes clients that believe in its previous key, and those that know the new one", () => {
    for (const serverKey of [SERVER.publicKey, CLIENT.publicKey]) {
      const client = curveClient(new Host(), CLIENT, serverKey)
      const both = connected({ client, server: curveServer(new Host(), [SERVER, CLIENT]) })
      expect(both.server.status).toBe("ready")
    }
  })

  it("refuses a cookie of another connection, though it is the same client's", () => {
    const [one, two] = [ends(), ends()]
    const initiate = initiated(one)
    welcomed(two)
    expect(codeOf(() => two.server.receive(initiate))).toBe(CRYPTO)
  })

  it("refuses a cookie of another process", () => {
    const both = { client: curveClient(), server: curveServer() }
    const initiate = initiated(both)
    const other = curveServer(new Host(), [SERVER], new Cookies(boxes, () => 0))
    other.receive(take(curveClient()))
    take(other)
    expect(codeOf(() => other.receive(initiate))).toBe(CRYPTO)
  })

  it("takes a cookie for a minute, and none after two", () => {
    for (const [age, code] of [
      [59_999, undefined],
      [60_000, undefined],
      [119_999, CRYPTO],
      [120_001, CRYPTO],
      [1e9, CRYPTO],
    ] as const) {
      // The last cookie of a key is made just before the next key is.
      const jar = new Cookies(boxes, () => clock.milliseconds)
      clock.milliseconds += 1
      const server = curveServer(new Host(), [SERVER], jar)
      const initiate = initiated({ client: curveClient(), server })
      clock.milliseconds += age
      // Others keep the server busy meanwhile.
      if (age > 60_000) welcomed({ client: curveClient(), server: curveServer(new Host(), [SERVER], jar) })
      expect(
        codeOf(() => server.receive(initiate)),
        `${age} ms`,
      ).toBe(code)
    }
  })

  it("keeps nothing of a client before INITIATE", () => {
    const both = ends()
    welcomed(both)
    expect(JSON.stringify(both.server)).toBe(JSON.stringify(curveServer()))
  })

  it("waits for the verdict, then for the gate", () => {
    const host = new Host()
    host.answer = undefined
    let isOpen = false
    host.gate = { opensFor: () => isOpen }
    const both = ends(host)
    both.server.receive(initiated(both))
    expect(both.server.next()).toBeUndefined()
    host.verdict = { name: "accepted" }
    expect(both.server.next()).toBeUndefined()
    expect(both.server.status).toBe("handshaking")
    isOpen = true
    expect(take(both.server).toString("latin1", 1, 6)).toBe("READY")
    expect(both.server.status).toBe("ready")
  })

  it.each([400, 500] as const)("tells a refused client %i, and nothing else", status => {
    const host = new Host()
    host.answer = { name: "refused", status, reason: "a reason for us" }
    const both = ends(host)
    both.server.receive(initiated(both))
    expect(take(both.server)).toEqual(Buffer.from(errorCommand(String(status))))
    expect(both.server.refusal).toMatchObject({ code: "EACCES", status, reason: "a reason for us" })
    expect(both.server.next()).toBeUndefined()
    expect(codeOf(() => both.client.receive(Buffer.from(errorCommand(String(status)))))).toBe("EACCES")
  })

  it("tells a client nothing that may come back", () => {
    const host = new Host()
    host.answer = { name: "refused", status: 300 }
    const both = ends(host)
    both.server.receive(initiated(both))
    expect(both.server.next()).toBeUndefined()
    expect(both.server.refusal).toMatchObject({ status: 300 })
  })

  it("refuses messages while it waits for the verdict", () => {
    const host = new Host()
    host.answer = undefined
    const both = ends(host)
    both.server.receive(initiated(both))
    expect(codeOf(() => both.server.receive(Buffer.from(command("MESSAGE", Buffer.alloc(50)))))).toBe(
      UNEXPECTED,
    )
  })

  it("takes no ERROR", () => {
    for (const make of [
      ends,
      () => {
        const both = ends()
        welcomed(both)
        return both
      },
    ])
      expect(codeOf(() => make().server.receive(Buffer.from(errorCommand("400"))))).toBe(UNEXPECTED)
  })
})

describe("a client", () => {
  it.each(["awaiting WELCOME", "awaiting READY"])("takes ERROR while %s", state => {
    const make = () => {
      const both = ends()
      if (state === "awaiting READY") initiated(both)
      else take(both.client)
      return both.client
    }
    expect(codeOf(() => make().receive(Buffer.from(errorCommand("400"))))).toBe("EACCES")
    expect(codeOf(() => make().receive(Buffer.from(errorCommand("no"))))).toBe("ERR_ZMTP_UNSPECIFIED")
    for (const data of ["", "\x04no", "\xff"])
      expect(codeOf(() => make().receive(Buffer.from(command("ERROR", Buffer.from(data, "latin1")))))).toBe(
        "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
      )
  })

  it("refuses a WELCOME of a server with another key", () => {
    const client = curveClient()
    const impostor = curveServer(new Host(), [CLIENT])
    impostor.receive(take(curveClient(new Host(), CLIENT, CLIENT.publicKey)))
    take(client)
    expect(codeOf(() => client.receive(take(impostor)))).toBe(CRYPTO)
  })

  it("waits for its gate", () => {
    const host = new Host()
    let isOpen = false
    host.gate = { opensFor: () => isOpen }
    const both = { client: curveClient(host), server: curveServer() }
    both.client.receive(readied(both))
    both.client.next()
    expect(both.client.status).toBe("handshaking")
    isOpen = true
    both.client.next()
    expect(both.client.status).toBe("ready")
  })
})

describe("the end of a handshake", () => {
  it("may come at any step", () => {
    const step = (take: (both: Ends) => unknown) => () => {
      const both = ends()
      take(both)
      return both
    }
    const steps = [
      ends,
      step(({ client }) => take(client)),
      step(welcomed),
      step(initiated),
      step(readied),
      step(connected),
    ]
    for (const make of steps) {
      const { client, server } = make()
      for (const each of [client, server]) {
        each.close()
        each.close()
        expect(each.next()).toBeUndefined()
        expect(codeOf(() => each.receive(Buffer.from(command("HELLO", Buffer.alloc(194)))))).toBe(UNEXPECTED)
      }
    }
  })
})
