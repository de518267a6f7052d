/** The circumstances of a handshake: mechanisms that are loaded, and peers that are examined. */
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import type { Handshake } from "../../../src/connections/handshake.ts"
import { upgradeToZmtp } from "../../../src/connections/upgrade-to-zmtp.ts"
import type { ZmtpOptions } from "../../../src/connections/zmtp-options.ts"
import type { Credentials, Verdict } from "../../../src/contracts/security.ts"
import type { MakeMechanism } from "../../../src/zmtp/mechanism.ts"
import { PlainClient } from "../../../src/zmtp/mechanisms/plain-client.ts"
import { PlainServer } from "../../../src/zmtp/mechanisms/plain-server.ts"
import { turn, until } from "../../support/events.ts"
import { fakeClock, pass } from "../../support/fake-clock.ts"
import { memoryPair } from "../../support/memory-stream.ts"
import { bytes, GREETING, local, READY, ZMTP_OPTIONS } from "../../support/zmtp.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

afterEach(() => {
  vi.useRealTimers()
})

const asClient: MakeMechanism = (peer, host) =>
  new PlainClient(peer, host, Buffer.from("alice"), Buffer.from("secret"))
const asServer: MakeMechanism = (peer, host) => new PlainServer(peer, host)

/** Both ends of a connection, of which one is a PLAIN server. */
function plain(examine?: Handshake["examine"]) {
  const [left, right] = memoryPair()
  const client = upgradeToZmtp(left, local("DEALER", "me"), ZMTP_OPTIONS, { mechanism: asClient })
  const server = upgradeToZmtp(right, local("ROUTER"), ZMTP_OPTIONS, {
    mechanism: Promise.resolve(asServer),
    ...(examine && { examine }),
  })
  client.catch(() => {})
  server.catch(() => {})
  return { client, server, left, right }
}

/** An end that is examined before the handshake, and a far end that is bytes only. */
function held(options: Partial<ZmtpOptions> = {}) {
  const [stream, far] = memoryPair()
  const answers: Buffer[] = []
  const onClosed = vi.fn()
  far.open({ data: chunk => answers.push(Buffer.from(chunk)), drain() {}, closed: onClosed })
  let decide = (_: Verdict) => {}
  let signal: AbortSignal | undefined
  const connection = upgradeToZmtp(
    stream,
    local("PULL"),
    { ...ZMTP_OPTIONS, ...options },
    {
      admit: examination => {
        signal = examination
        return new Promise(resolve => {
          decide = resolve
        })
      },
    },
  )
  connection.catch(() => {})
  const received = () => Buffer.concat(answers)
  return {
    connection,
    far,
    received,
    onClosed,
    decide: (verdict: Verdict) => decide(verdict),
    signal: signal!,
  }
}

describe("a PLAIN handshake", () => {
  it("tells the server who the client is, and both describe themselves", async () => {
    const seen: Credentials[] = []
    const { client, server } = plain(async credentials => {
      seen.push(credentials)
      return { name: "accepted" }
    })
    expect((await client).peer.socketType).toBe("ROUTER")
    expect((await server).peer).toMatchObject({ socketType: "DEALER", routingId: Buffer.from("me") })
    expect(seen).toEqual([
      {
        mechanism: "PLAIN",
        username: new Uint8Array(Buffer.from("alice")),
        password: new Uint8Array(Buffer.from("secret")),
      },
    ])
  })

  it.each([400, 500] as const)("that is refused with %d ends at both ends with that", async status => {
    const { client, server } = plain(async () => ({ name: "refused", status, reason: "for us only" }))
    await expect(server).rejects.toMatchObject({ code: "EACCES", status, reason: "for us only" })
    await expect(client).rejects.toMatchObject({ code: "EACCES", status })
    await expect(client).rejects.not.toMatchObject({ reason: expect.stringContaining("for us only") })
  })

  it("that is refused for a while ends without a word, so that the client comes again", async () => {
    const { client, server } = plain(async () => ({ name: "refused", status: 300 }))
    await expect(server).rejects.toMatchObject({ status: 300 })
    await expect(client).rejects.toMatchObject({ code: "EPIPE" })
  })

  it("that nobody examines lets nobody in", async () => {
    const { client, server } = plain()
    await expect(server).rejects.toMatchObject({ code: "EACCES", status: 500 })
    await expect(client).rejects.toMatchObject({ status: 500 })
  })
})

describe("a mechanism that is loaded", () => {
  it("that can't be loaded fails the connection, and closes the stream", async () => {
    const [stream, far] = memoryPair()
    const closed = new Promise<void>(resolve => far.open({ data() {}, drain() {}, closed: () => resolve() }))
    const mechanism = Promise.reject(Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" }))
    await expect(upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS, { mechanism })).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
    })
    await closed
  })

  it("counts the time of the load as the handshake's", async () => {
    fakeClock()
    const [stream] = memoryPair()
    let loaded = (_: MakeMechanism) => {}
    const mechanism = new Promise<MakeMechanism>(resolve => {
      loaded = resolve
    })
    const connection = upgradeToZmtp(
      stream,
      local("PULL"),
      { ...ZMTP_OPTIONS, handshakeInterval: 100 },
      { mechanism },
    )
    connection.catch(() => {})
    await pass(101)
    await expect(connection).rejects.toMatchObject({ code: "EAGAIN" })
    loaded(asServer)
    await turn()
    expect(stream.isClosed).toBe(true)
  })

  it("that fails when nobody waits any more does no harm", async () => {
    const unhandled = vi.fn()
    process.on("unhandledRejection", unhandled)
    onTestFinished(() => void process.off("unhandledRejection", unhandled))
    const [stream] = memoryPair()
    const mechanism = Promise.reject(new Error("no key"))
    const signal = AbortSignal.abort(new Error("closed"))
    await expect(upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS, { mechanism, signal })).rejects.toThrow(
      "closed",
    )
    for (let n = 0; n < 3; n++) await turn()
    expect(unhandled).not.toHaveBeenCalled()
  })

  it("is not waited for after an abort", async () => {
    const [stream] = memoryPair()
    const control = new AbortController()
    const mechanism = new Promise<MakeMechanism>(() => {})
    const connection = upgradeToZmtp(stream, local("PULL"), ZMTP_OPTIONS, {
      mechanism,
      signal: control.signal,
    })
    control.abort(new Error("enough"))
    await expect(connection).rejects.toThrow("enough")
    expect(stream.isClosed).toBe(true)
  })
})

describe("a peer that is examined before the handshake", () => {
  it("gets no byte before it is let in, and may send its own", async () => {
    const { connection, far, received, decide } = held()
    far.write([GREETING, READY])
    for (let n = 0; n < 5; n++) await turn()
    expect(received().length).toBe(0)
    decide({ name: "accepted" })
    expect((await connection).peer.socketType).toBe("PUSH")
    await until(() => received().length > 64)
  })

  it("gets no byte at all when it is refused", async () => {
    const { connection, far, received, onClosed, decide } = held()
    far.write([GREETING])
    decide({ name: "refused", status: 400, reason: "not you" })
    await expect(connection).rejects.toMatchObject({ status: 400, reason: "not you" })
    await until(() => onClosed.mock.calls.length > 0)
    expect(received().length).toBe(0)
  })

  it("that leaves meanwhile ends the examination, and a late verdict does nothing", async () => {
    const { connection, far, decide, signal } = held()
    expect(signal.aborted).toBe(false)
    far.destroy()
    await expect(connection).rejects.toMatchObject({ code: "EPIPE" })
    expect(signal.aborted).toBe(true)
    decide({ name: "accepted" })
    await turn()
  })

  it("that nobody decides about is refused when the time is over", async () => {
    fakeClock()
    const { connection, signal } = held({ handshakeInterval: 100 })
    await pass(101)
    await expect(connection).rejects.toMatchObject({ code: "EAGAIN" })
    expect(signal.aborted).toBe(true)
  })

  it("that floods meanwhile is refused, before it takes memory", async () => {
    const { connection, far, onClosed } = held()
    far.write([GREETING, READY, bytes("00 01 61")])
    await turn()
    expect(onClosed).not.toHaveBeenCalled()
    for (let n = 0; n < 20; n++) far.write([Buffer.alloc(8192)])
    await expect(connection).rejects.toMatchObject({ code: "ERR_ZMTP_UNSPECIFIED" })
    await until(() => onClosed.mock.calls.length > 0)
  })
})
