/** Peers that break TLS, or begin a handshake and leave it: nobody else is disturbed, and nothing of them stays. */
import { once } from "node:events"
import { connect, type Socket as PlainSocket } from "node:net"
import { describe, expect, it } from "vitest"
import { Context, Pull, Push } from "../../src/index.ts"
import { tls } from "../../transports/tls.ts"
import { Authority } from "../support/certificates.ts"
import { recordEvents, until } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { handshake } from "../support/raw-peer.ts"
import { clientHello } from "../support/tls.ts"
import { heldMemory, MIB, watchProcess } from "./stage.ts"

watchProcess()

const authority = await Authority.create()
const credentials = { ca: authority.cert, ...(await authority.issue()) }
const hello = await clientHello()

async function setStage(options = {}) {
  const over = () => ({ context: new Context({ transports: [tls(credentials)] }) })
  const pull = new Pull({ ...over(), ...options })
  await pull.bind("tls://127.0.0.1:*")
  const endpoint = pull.lastEndpoint as string
  const attackers: PlainSocket[] = []
  return {
    events: recordEvents(pull),
    async attack(said: Uint8Array): Promise<PlainSocket> {
      const socket = connect(Number(new URL(endpoint).port), "127.0.0.1")
      attackers.push(socket)
      socket.on("error", () => {}).resume()
      await once(socket, "connect")
      socket.write(said)
      return socket
    },
    attackers,
    async serves(): Promise<void> {
      const push = new Push(over())
      push.connect(endpoint)
      const sent = (async () => {
        for (let n = 0; n < 10; n++) await push.send(numbered(n))
      })()
      const check = new NumberedCheck(0)
      while (check.next < 10) check.take(await pull.receive())
      await sent
      push.close()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of attackers) socket.destroy()
      pull.close()
    },
  }
}

const BAD: readonly [name: string, said: Uint8Array, code: string][] = [
  ["ZMTP without TLS", handshake("PUSH"), "ERR_SSL_WRONG_VERSION_NUMBER"],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "ERR_SSL_HTTP_REQUEST"],
  ["a version that doesn't exist", Buffer.from("160909000501000001", "hex"), "ERR_SSL_WRONG_VERSION_NUMBER"],
  ["a record of no type", Buffer.from("FF03030005FFFFFFFFFF", "hex"), "ERR_SSL_UNEXPECTED_MESSAGE"],
  ["data before the handshake", Buffer.from("1703030005FFFFFFFFFF", "hex"), "ERR_SSL_UNEXPECTED_MESSAGE"],
]

describe("a peer that says", () => {
  it.each(BAD)("%s is told off, and others are served", async (_, said, code) => {
    await using stage = await setStage()
    const { attack, events, serves } = stage
    const attacker = await attack(said)
    await once(attacker, "close")
    await until(() => events.some(({ type }) => type === "handshake:error:other"))
    const event = events.find(({ type }) => type === "handshake:error:other")
    expect(event).toMatchObject({ error: { code } })
    await serves()
  })
})

it("begun handshakes that never end take no place of an authenticator", async () => {
  await using stage = await setStage({ handshakeInterval: 0, authenticate: () => true })
  for (let n = 0; n < 100; n++) await stage.attack(hello)
  await stage.serves()
})

it("a thousand begun handshakes don't keep an honest peer out, and end in time", async () => {
  const COUNT = 1000
  await using stage = await setStage({ handshakeInterval: 2000 })
  const { attack, attackers, events, serves } = stage
  const before = heldMemory()
  for (let n = 0; n < COUNT; n++) await attack(hello.subarray(0, n % 2 === 0 ? 100 : hello.length))
  await serves()
  expect((heldMemory() - before) / COUNT).toBeLessThan(MIB / 4)
  await until(() => attackers.every(({ destroyed }) => destroyed))
  const failed = () => events.filter(({ type }) => type === "handshake:error:other")
  await until(() => failed().length === COUNT)
  for (const event of failed()) expect(event).toMatchObject({ error: { code: "EAGAIN" } })
  await serves()
})
