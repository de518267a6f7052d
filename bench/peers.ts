/**
 * One end of a run, in a process of its own: `peers.ts ROLE PACKAGE SIZE`. The same code for both libraries, and
 * nothing but their public surface. Any error ends the process with a stack trace, and with it the bench.
 */
import type { Pull, Push, Reply, Request } from "zeromq-ts"
import type { Answer, Order, Role } from "./orders.ts"
import type { Run } from "./rows.ts"
import { median, quantile } from "./statistics.ts"

/** What both libraries export. */
type Sockets = Pick<typeof import("zeromq-ts"), "Push" | "Pull" | "Request" | "Reply">

/** What a role does when it is ordered to. */
interface Peer {
  readonly socket: Push | Pull | Request | Reply
  expect?(count: number): void
  run?(count: number): Promise<Run | undefined>
  finish?(): Promise<Run>
}

/** Follows the messages of each round, so that one lost, doubled or spoilt message is noticed. */
const END_OF_ROUND = Buffer.alloc(0)

function sender({ Push }: Sockets, size: number): Peer {
  const push = new Push()
  const payload = Buffer.alloc(size, "x")
  return {
    socket: push,
    async run(count) {
      for (let i = 0; i < count; i++) await push.send(payload)
      await push.send(END_OF_ROUND)
      return undefined
    },
  }
}

function receiver({ Pull }: Sockets, size: number): Peer {
  const pull = new Pull()
  let expected = 0
  let received = 0
  let firstAt = 0
  let lastAt = 0
  let ended: () => void
  let end: Promise<void>

  function endRound(parts: Buffer[]): void {
    if (received !== expected || parts[0]?.length !== 0) {
      throw new Error(`expected ${expected} messages, then the end; got ${received}, then ${lengths(parts)}`)
    }
    ended()
  }

  async function receiveAll(): Promise<void> {
    for await (const parts of pull) {
      const [body] = parts
      if (received === expected || body?.length === 0) {
        endRound(parts)
        continue
      }
      if (parts.length !== 1 || body?.length !== size)
        throw new Error(`expected ${size}, got ${lengths(parts)}`)
      if (received === 0) firstAt = performance.now()
      if (++received === expected) lastAt = performance.now()
    }
  }

  void receiveAll()
  return {
    socket: pull,
    expect(count) {
      expected = count
      received = 0
      end = new Promise(resolve => {
        ended = resolve
      })
    },
    async finish() {
      await end
      return { count: received, seconds: (lastAt - firstAt) / 1000 }
    },
  }
}

function requester({ Request }: Sockets, size: number): Peer {
  const req = new Request()
  const payload = Buffer.alloc(size, "x")
  return {
    socket: req,
    async run(count) {
      const microseconds = new Float64Array(count)
      const startedAt = performance.now()
      let last = startedAt
      for (let i = 0; i < count; i++) {
        await req.send(payload)
        const parts = await req.receive()
        const now = performance.now()
        if (parts.length !== 1 || parts[0]?.length !== size) {
          throw new Error(`expected ${size}, got ${lengths(parts)}`)
        }
        microseconds[i] = (now - last) * 1000
        last = now
      }
      const roundTrip = { median: median(microseconds), p99: quantile(microseconds, 0.99) }
      return { count, seconds: (last - startedAt) / 1000, roundTrip }
    },
  }
}

function echo({ Reply }: Sockets): Peer {
  const rep = new Reply()
  const answerAll = async () => {
    for await (const parts of rep) await rep.send(parts)
  }
  void answerAll()
  return { socket: rep }
}

const PEERS: Readonly<Record<Role, (sockets: Sockets, size: number) => Peer>> = {
  push: sender,
  pull: receiver,
  req: requester,
  rep: echo,
}

function lengths(parts: Buffer[]): string {
  return `[${parts.map(part => part.length).join(", ")}] bytes`
}

async function obey(peer: Peer, order: Order): Promise<Answer> {
  const { socket } = peer
  switch (order.order) {
    case "bind":
      await socket.bind(order.address)
      return { answer: "bound", address: socket.lastEndpoint! }
    case "connect":
      socket.connect(order.address)
      return { answer: "done" }
    case "expect":
      peer.expect!(order.count)
      return { answer: "done" }
    case "run": {
      const run = await peer.run!(order.count)
      return run === undefined ? { answer: "done" } : { answer: "result", run }
    }
    case "finish":
      return { answer: "result", run: await peer.finish!() }
  }
}

const [role, packageName, size] = process.argv.slice(2) as [Role, string, string]
// The bench is over, or is no more.
process.on("disconnect", () => process.exit())

const sockets = (await import(packageName)) as Sockets
const peer = PEERS[role](sockets, Number(size))
const tell = (answer: Answer) => process.send!(answer)
process.on("message", async (order: Order) => tell(await obey(peer, order)))
tell({ answer: "ready" })
