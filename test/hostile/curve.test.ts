/** Attackers of a CURVE server, by bytes over tcp, while an honest client goes on. */
import { once } from "node:events"
import { afterEach, describe, expect, it } from "vitest"
import { Pull, Push } from "../../src/index.ts"
import { encodeZ85 } from "../../src/security/keys/z85.ts"
import { COMMAND } from "../../src/zmtp/frame.ts"
import { encodeGreeting } from "../../src/zmtp/greeting.ts"
import { CLIENT, curveClient, SERVER, take } from "../support/curve.ts"
import { open } from "../support/open.ts"
import { command, frame, RawPeer, ready } from "../support/raw-peer.ts"
import { instancesOf } from "../support/resources.ts"

const GREETING = Buffer.from(encodeGreeting("CURVE", false))
const WELCOME_FRAME = 2 + 168
const HANDSHAKE = { handshakeInterval: 60_000, backlog: 2000 }

const left: RawPeer[] = []
afterEach(() => {
  for (const peer of left.splice(0)) peer.destroy()
})

async function server(): Promise<Pull> {
  const pull = open(
    new Pull({ curveServer: true, curveSecretKey: encodeZ85(SERVER.secretKey), ...HANDSHAKE }),
  )
  await pull.bind("tcp://127.0.0.1:*")
  return pull
}

function honest(pull: Pull): Push {
  const push = open(
    new Push({
      curvePublicKey: encodeZ85(CLIENT.publicKey),
      curveSecretKey: encodeZ85(CLIENT.secretKey),
      curveServerKey: encodeZ85(SERVER.publicKey),
    }),
  )
  push.connect(pull.lastEndpoint!)
  return push
}

async function goesOn(push: Push, pull: Pull, text: string): Promise<void> {
  await push.send(text)
  expect(String((await pull.receive())[0])).toBe(text)
}

async function attacker(pull: Pull, ...bytes: Uint8Array[]): Promise<RawPeer> {
  const peer = await RawPeer.connect(pull.lastEndpoint!)
  left.push(peer)
  return peer.write(...bytes)
}

/** Waits until a peer has heard so many bytes, without looking again and again, because there are many peers. */
async function hears(peer: RawPeer, count: number): Promise<void> {
  while (peer.socket.bytesRead < count && !peer.over)
    await Promise.race([once(peer.socket, "data"), peer.closed])
}

/** Bytes on the heap, after a collection. */
function heap(): number {
  instancesOf(Object)
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe("a server", () => {
  it("keeps nothing of 10,000 clients that say HELLO and no more, while an honest one goes on", async () => {
    const pull = await server()
    const hello = frame(COMMAND, take(curveClient()))
    const push = honest(pull)
    await goesOn(push, pull, "before")

    const CLIENTS = 10_000
    const AT_ONCE = 500
    const files = () => process.getActiveResourcesInfo().length
    const before = { heap: heap(), files: files() }
    let perClient = { greeted: 0, welcomed: 0 }
    for (let said = 0; said < CLIENTS; said += AT_ONCE) {
      const isLast = said === CLIENTS - AT_ONCE
      const wave = await Promise.all(Array.from({ length: AT_ONCE }, () => attacker(pull, GREETING)))
      await Promise.all(wave.map(peer => hears(peer, 64)))
      const greeted = isLast ? heap() : 0
      for (const peer of wave) peer.write(hello)
      await Promise.all(wave.map(peer => hears(peer, 64 + WELCOME_FRAME)))
      // The attacker's own memory of what it has heard is in this process, too.
      if (isLast)
        perClient = {
          greeted: Math.round((greeted - before.heap) / AT_ONCE),
          welcomed: Math.round((heap() - greeted) / AT_ONCE),
        }
      await goesOn(push, pull, `after ${said}`)
      const gone = wave.map(peer => peer.closed)
      for (const peer of wave) peer.reset()
      await Promise.all(gone)
      left.length = 0
    }
    await goesOn(push, pull, "after")
    while (files() > before.files + 2) await new Promise(setImmediate)
    const after = { heap: heap(), files: files() }
    console.log(
      `${CLIENTS} HELLOs: ${perClient.greeted} B a client before its HELLO, ${perClient.welcomed} B more after it; ` +
        `the heap has grown by ${Math.round((after.heap - before.heap) / 1024)} KiB, handles by ${after.files - before.files}`,
    )
    expect(perClient.welcomed).toBeLessThan(2000)
    expect(after.heap - before.heap).toBeLessThan(8 * 1024 * 1024)
    expect(after.files - before.files).toBeLessThanOrEqual(2)
  }, 240_000)

  it.each<[string, () => Uint8Array[]]>([
    ["speaks NULL", () => [encodeGreeting("NULL", false), ready("PUSH")]],
    ["speaks PLAIN", () => [encodeGreeting("PLAIN", false), command("HELLO", Buffer.from("\x01a\x01b"))]],
    ["greets with CURVE and goes on with READY", () => [GREETING, ready("PUSH")]],
    ["greets with CURVE and sends a message", () => [GREETING, frame(0, Buffer.from("plain text"))]],
    [
      "says HELLO twice",
      () => {
        const hello = frame(COMMAND, take(curveClient()))
        return [GREETING, hello, hello]
      },
    ],
    ["says INITIATE first", () => [GREETING, command("INITIATE", Buffer.alloc(300))]],
    [
      "says HELLO with a key of low order",
      () => {
        const hello = take(curveClient())
        hello.fill(0, 80, 112)
        return [GREETING, frame(COMMAND, hello)]
      },
    ],
    ["declares a huge command", () => [GREETING, Buffer.of(6, 0, 0, 0, 1, 0, 0, 0, 0)]],
  ])("closes the connection of a client that %s, and tells it nothing", async (_, say) => {
    const pull = await server()
    const push = honest(pull)
    await goesOn(push, pull, "before")
    const seen = once(
      pull.events.on("handshake:error:protocol", () => {}),
      "handshake:error:protocol",
    )
    const peer = await attacker(pull, ...say())
    await peer.closed
    await seen
    // A greeting and at most a WELCOME, which is noise to others.
    expect(peer.received.length).toBeLessThanOrEqual(64 + WELCOME_FRAME)
    expect(peer.received.includes("ERROR")).toBe(false)
    await goesOn(push, pull, "after")
  })

  it("closes clients that stop after any step, once their time is over", async () => {
    const pull = open(
      new Pull({ curveServer: true, curveSecretKey: encodeZ85(SERVER.secretKey), handshakeInterval: 300 }),
    )
    await pull.bind("tcp://127.0.0.1:*")
    const mechanism = curveClient()
    const hello = frame(COMMAND, take(mechanism))
    const steps = [[], [GREETING], [GREETING, hello.subarray(0, 100)], [GREETING, hello]]
    const peers = await Promise.all(steps.map(step => attacker(pull, ...step)))
    await Promise.all(peers.map(peer => peer.closed))
    const push = honest(pull)
    await goesOn(push, pull, "after")
  })

  it("takes no recorded handshake on another connection", async () => {
    const pull = await server()
    const mechanism = curveClient()
    const hello = frame(COMMAND, take(mechanism))
    const first = await attacker(pull, GREETING, hello)
    await first.heard(64 + WELCOME_FRAME)
    mechanism.receive(Buffer.from(first.received.subarray(64 + 2, 64 + WELCOME_FRAME)))
    const initiate = frame(COMMAND, take(mechanism))
    first.write(initiate)
    await first.heard(64 + WELCOME_FRAME + 2 + 50)
    expect(first.over).toBe(false)
    const seen = once(
      pull.events.on("handshake:error:protocol", () => {}),
      "handshake:error:protocol",
    )
    const second = await attacker(pull, GREETING, hello)
    await second.heard(64 + WELCOME_FRAME)
    second.write(initiate)
    expect((await seen)[0].error).toMatchObject({ code: "ERR_ZMTP_CRYPTOGRAPHIC" })
    await second.closed
  })
})
