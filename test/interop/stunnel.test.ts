/** ZMTP in TLS means the same to others: our tls:// meets libzmq behind a terminator that is not ours, both ways. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Context, Pull, Push, Reply, Request } from "../../src/index.ts"
import { tls } from "../../transports/tls.ts"
import { Authority } from "../support/certificates.ts"
import { freeEndpoint, freePort } from "../support/endpoints.ts"
import { nextEvent } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { STUNNEL_MISSING, startStunnel } from "../support/stunnel.ts"

if (STUNNEL_MISSING !== undefined) process.stderr.write(`stunnel is not tested: ${STUNNEL_MISSING}\n`)

const COUNT = 2000
const MIXED = { parts: "mixed", size: 5000 } as const
const portOf = (endpoint: string) => Number(new URL(endpoint).port)

describe.skipIf(STUNNEL_MISSING !== undefined)("libzmq behind stunnel", () => {
  let native: Peer
  let authority: Authority
  beforeAll(async () => {
    ;[native, authority] = await Promise.all([Peer.start("native"), Authority.create()])
  })
  afterAll(() => native.kill())

  const over = async () => ({
    context: new Context({
      transports: [tls({ ca: authority.cert, ...(await authority.issue()), requestCert: true })],
    }),
    reconnectInterval: 10,
  })
  const terminator = async () => ({ ca: authority.cert, ...(await authority.issue()) })

  /** The libzmq socket is bound, and we connect to the terminator before it. */
  async function inFront(type: string) {
    const theirs = await native.call("open", type)
    const connect = portOf(await native.call("bind", theirs, "tcp://127.0.0.1:*"))
    const accept = await freePort()
    const settings = { side: "server", accept, connect, ...(await terminator()) } as const
    const running = await startStunnel(settings)
    return { theirs, endpoint: `tls://127.0.0.1:${accept}`, running, restart: () => startStunnel(settings) }
  }

  /** We are bound, and the libzmq socket connects to the terminator before it. */
  async function behind(type: string, endpoint: string): Promise<string> {
    const accept = await freePort()
    await startStunnel({ side: "client", accept, connect: portOf(endpoint), ...(await terminator()) })
    const theirs = await native.call("open", type)
    await native.call("connect", theirs, `tcp://127.0.0.1:${accept}`)
    return theirs
  }

  it("takes what our client sends", async () => {
    const { theirs, endpoint } = await inFront("Pull")
    const push = open(new Push(await over()))
    push.connect(endpoint)
    const taken = native.call("receiveNumbered", theirs, 0, COUNT, MIXED)
    for (let n = 0; n < COUNT; n++) await push.send(numbered(n, MIXED))
    await taken
  })

  it("sends to our client", async () => {
    const { theirs, endpoint } = await inFront("Push")
    const pull = open(new Pull(await over()))
    pull.connect(endpoint)
    const sent = native.call("sendNumbered", theirs, 0, COUNT, MIXED)
    const check = new NumberedCheck(0, MIXED)
    while (check.next < COUNT) check.take(await pull.receive())
    await sent
  })

  it("answers our client, also after the terminator was killed", async () => {
    const { theirs, endpoint, running, restart } = await inFront("Reply")
    void native.call("echo", theirs).catch(() => {})
    const request = open(new Request({ ...(await over()), relaxed: true, correlate: true }))
    request.connect(endpoint)
    await ask(request, 0, 100)
    const lost = nextEvent(request, "disconnect")
    await running.stop()
    await lost
    await restart()
    await ask(request, 100, 200)
  })

  it("takes what our server sends, and sends to it", async () => {
    const pull = open(new Pull(await over()))
    await pull.bind((await freeEndpoint("tcp")).replace("tcp", "tls"))
    const push = await behind("Push", pull.lastEndpoint as string)
    const sent = native.call("sendNumbered", push, 0, COUNT, MIXED)
    const check = new NumberedCheck(0, MIXED)
    while (check.next < COUNT) check.take(await pull.receive())
    await sent
  })

  it("asks our server", async () => {
    const reply = open(new Reply(await over()))
    await reply.bind((await freeEndpoint("tcp")).replace("tcp", "tls"))
    const request = await behind("Request", reply.lastEndpoint as string)
    const asked = native.call("askNumbered", request, 0, 100)
    for (let n = 0; n < 100; n++) await reply.send(await reply.receive())
    await asked
  })

  it("learns of our end in order", async () => {
    const { theirs, endpoint } = await inFront("Pull")
    const push = open(new Push(await over()))
    push.connect(endpoint)
    for (let n = 0; n < 50; n++) await push.send(numbered(n, MIXED))
    push.close()
    await native.call("receiveNumbered", theirs, 0, 50, MIXED)
  })

  it("is told apart from one whose certificate we don't trust", async () => {
    const { endpoint } = await inFront("Pull")
    const push = open(new Push({ context: new Context({ transports: [tls()] }), linger: 0 }))
    const refused = nextEvent(push, "handshake:error:other")
    push.connect(endpoint)
    expect((await refused).error.code).toBe("SELF_SIGNED_CERT_IN_CHAIN")
  })
})

async function ask(request: Request, from: number, to: number): Promise<void> {
  const check = new NumberedCheck(from)
  for (let n = from; n < to; n++) {
    await request.send(numbered(n))
    check.take(await request.receive())
  }
}
