/** DEALER and ROUTER against libzmq in another process: numbered messages, none lost, doubled or out of order. */
import { describe, it } from "vitest"
import { Dealer, Reply, Request, Router, type Socket } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { NumberedCheck, type NumberedOptions, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"

const COUNT = 100_000
const MIXED = { parts: "mixed" } as const
const REQUESTERS = 10
// ROUTER and REP drop for a peer at its high-water mark; without one nothing may be missing.
const UNLIMITED = { sendHighWaterMark: 0 }
// Ours can do without: it waits.
const MANDATORY = { mandatory: true }

async function send(socket: Dealer | Router, options: NumberedOptions = MIXED): Promise<void> {
  for (let n = 0; n < COUNT; n++) await socket.send(numbered(n, { ...MIXED, ...options }))
}

async function receive(socket: Dealer | Router, options: NumberedOptions = MIXED): Promise<void> {
  const check = new NumberedCheck(0, { ...MIXED, ...options })
  while (check.next < COUNT) check.take(await socket.receive())
}

/** Sends all and takes in the answers meanwhile. */
const exchange = (socket: Dealer | Router, options?: NumberedOptions) =>
  Promise.all([send(socket, options), receive(socket, options)])

async function echo(socket: Router | Reply): Promise<void> {
  for (let n = 0; n < COUNT; n++) await socket.send(await socket.receive())
}

async function ask(socket: Request): Promise<void> {
  const check = new NumberedCheck(0, MIXED)
  for (let n = 0; n < COUNT / REQUESTERS; n++) {
    await socket.send(numbered(n, MIXED))
    check.take(await socket.receive())
  }
}

const many = <T>(make: () => T): T[] => Array.from({ length: REQUESTERS }, make)

const cases = (["ipc", "tcp"] as const).flatMap(scheme => [
  { scheme, weBind: true, title: `${scheme}, we bind` },
  { scheme, weBind: false, title: `${scheme}, libzmq binds` },
])

describe.each<{ scheme: Scheme; weBind: boolean }>(cases)("with libzmq over $title", ({ scheme, weBind }) => {
  /** Joins each of our sockets with each of the peer's, over an endpoint of their own. */
  async function join(ours: Socket[], peer: Peer, theirs: string[]): Promise<void> {
    for (const our of ours) {
      for (const their of theirs) {
        const endpoint = await freeEndpoint(scheme)
        if (weBind) await our.bind(endpoint)
        await peer.call(weBind ? "connect" : "bind", their, endpoint)
        if (!weBind) our.connect(endpoint)
      }
    }
  }

  it("our DEALER, their DEALER, both ways at once", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Dealer")
    const ours = open(new Dealer())
    await join([ours], peer, [theirs])
    await Promise.all([
      exchange(ours),
      peer.call("sendNumbered", theirs, 0, COUNT, MIXED),
      peer.call("receiveNumbered", theirs, 0, COUNT, MIXED),
    ])
  })

  it("our DEALER, their ROUTER", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Router", UNLIMITED)
    const ours = open(new Dealer())
    await join([ours], peer, [theirs])
    await Promise.all([exchange(ours), peer.call("echo", theirs, COUNT)])
  })

  it("their DEALER, our ROUTER", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Dealer")
    const ours = open(new Router(MANDATORY))
    await join([ours], peer, [theirs])
    await Promise.all([
      echo(ours),
      peer.call("sendNumbered", theirs, 0, COUNT, MIXED),
      peer.call("receiveNumbered", theirs, 0, COUNT, MIXED),
    ])
  })

  it("our DEALER, their REP", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Reply", UNLIMITED)
    const ours = open(new Dealer())
    await join([ours], peer, [theirs])
    await Promise.all([exchange(ours, { prefix: ["some", "route", ""] }), peer.call("echo", theirs, COUNT)])
  })

  it("their DEALER, our REP", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Dealer")
    const ours = open(new Reply(UNLIMITED))
    await join([ours], peer, [theirs])
    const options = { ...MIXED, prefix: ["some", "route", ""] }
    await Promise.all([
      echo(ours),
      peer.call("sendNumbered", theirs, 0, COUNT, options),
      peer.call("receiveNumbered", theirs, 0, COUNT, options),
    ])
  })

  it("our ROUTER, their ROUTER, who asks whom either way", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Router", { ...UNLIMITED, routingId: "theirs", probeRouter: true })
    const ours = open(new Router({ ...MANDATORY, routingId: "ours", probeRouter: true }))
    await join([ours], peer, [theirs])
    await Promise.all([ours.receive(), peer.call("receive", theirs)])
    await Promise.all([exchange(ours, { prefix: ["theirs"] }), peer.call("echo", theirs, COUNT)])
    const options = { ...MIXED, prefix: ["ours"] }
    await Promise.all([
      echo(ours),
      peer.call("sendNumbered", theirs, 0, COUNT, options),
      peer.call("receiveNumbered", theirs, 0, COUNT, options),
    ])
  })

  it("our REQs, their ROUTER", async () => {
    await using peer = await Peer.start("native")
    const theirs = await peer.call("open", "Router")
    const ours = many(() => open(new Request()))
    await join(ours, peer, [theirs])
    await Promise.all([...ours.map(ask), peer.call("echo", theirs, COUNT)])
  })

  it("their REQs, our ROUTER", async () => {
    await using peer = await Peer.start("native")
    const theirs = await Promise.all(many(() => peer.call("open", "Request")))
    const ours = open(new Router(MANDATORY))
    await join([ours], peer, theirs)
    const asked = theirs.map(name => peer.call("askNumbered", name, 0, COUNT / REQUESTERS, MIXED))
    await Promise.all([echo(ours), ...asked])
  })
})
