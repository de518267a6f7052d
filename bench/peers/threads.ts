/** The main thread's end of a pair whose other end is in a worker (thread-other.ts). */
import { once } from "node:events"
import { MessageChannel, type MessagePort, type TransferListItem, Worker } from "node:worker_threads"
import { percentiles } from "../run/statistics.ts"
import type { Package, Parameters, Role } from "./role.ts"
import type { Order, OtherData } from "./thread-other.ts"

const ENDPOINT = "inproc://bench"
/** From this size on the high-water marks, which count messages, are those that our documentation advises. */
const LARGE = 1024 * 1024
const FEW = 8
const DEFAULT = 1000

class Other {
  readonly port: MessagePort
  readonly window: number
  readonly marks: object
  readonly #worker: Worker
  readonly #ready: Promise<unknown>

  constructor(role: OtherData["role"], packageName: string, size: number) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    this.window = size >= LARGE ? FEW : DEFAULT
    this.marks = size >= LARGE ? { sendHighWaterMark: FEW } : {}
    const marks = size >= LARGE ? { receiveHighWaterMark: FEW } : {}
    const data: OtherData = { role, packageName, endpoint: ENDPOINT, marks, port: port2, window: this.window }
    this.#worker = new Worker(new URL("thread-other.js", import.meta.url), {
      workerData: data,
      transferList: [port2],
    })
    this.#ready = once(this.#worker, "message")
  }

  /** So many messages are to come; the answer is when they have. */
  async expect(count: number): Promise<{ answer: Promise<unknown> }> {
    await this.#ready
    await this.#ask({ expect: count })
    return { answer: once(this.#worker, "message").then(([answer]) => answer) }
  }

  /** In order: the native package does not survive a worker that is terminated while it receives. */
  async stop(): Promise<void> {
    const exit = once(this.#worker, "exit")
    this.#worker.postMessage("stop" satisfies Order)
    this.port.close()
    await exit
  }

  async #ask(order: Order): Promise<void> {
    const answer = once(this.#worker, "message")
    this.#worker.postMessage(order)
    await answer
  }
}

/** One payload for all messages, or one for each, to be moved. */
function payloads(size: number, moved: boolean): () => Buffer {
  const payload = Buffer.allocUnsafeSlow(size).fill("x")
  return moved ? () => Buffer.allocUnsafeSlow(size) : () => payload
}

function isMoved(parameters: Parameters): boolean {
  return (parameters as Parameters & { moved?: number }).moved === 1
}

const push: Role = ({ Push, transfer }, parameters) => {
  const { api, size } = parameters
  const moved = isMoved(parameters)
  const other = new Other("pull", process.argv[3]!, size)
  const socket = new Push(other.marks)
  const next = payloads(size, moved)
  socket.connect(ENDPOINT)
  const sendAll = {
    async await(count: number) {
      for (let i = 0; i < count; i++) await socket.send(moved ? transfer(next()) : next())
    },
    async try(count: number) {
      for (let i = 0; i < count; i++) if (!socket.trySend(next())) await socket.send(next())
    },
  }[api]
  return {
    async run(count) {
      const { answer } = await other.expect(Number(count))
      await sendAll(Number(count))
      return answer
    },
    stop: () => other.stop().then(() => socket.close()),
  }
}

const portPush: Role = (_, parameters) => {
  const { size } = parameters
  const moved = isMoved(parameters)
  const other = new Other("pull", "none", size)
  const { port, window } = other
  const next = payloads(size, moved)
  let onWay = 0
  let wake = () => {}
  port.on("message", () => {
    onWay -= window / 2
    wake()
  })
  return {
    async run(count) {
      const { answer } = await other.expect(Number(count))
      for (let i = 0; i < Number(count); i++) {
        const payload = next()
        port.postMessage(payload, moved ? [payload.buffer as unknown as TransferListItem] : [])
        if (++onWay < window) continue
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      return answer
    },
    stop: () => other.stop(),
  }
}

/** One round trip after the other. */
async function roundTrips(count: number, one: () => Promise<void>) {
  const microseconds = new Float64Array(count)
  const startedAt = performance.now()
  let last = startedAt
  for (let i = 0; i < count; i++) {
    await one()
    const now = performance.now()
    microseconds[i] = (now - last) * 1000
    last = now
  }
  return { seconds: (last - startedAt) / 1000, ...percentiles(microseconds) }
}

const req: Role = ({ Request }, { size }) => {
  const other = new Other("rep", process.argv[3]!, size)
  const socket = new Request()
  const payload = Buffer.alloc(size, "x")
  socket.connect(ENDPOINT)
  return {
    run: count =>
      roundTrips(Number(count), async () => {
        await socket.send(payload)
        await socket.receive()
      }),
    stop: () => other.stop().then(() => socket.close()),
  }
}

const portReq: Role = (_: Package, { size }) => {
  const other = new Other("rep", "none", size)
  const payload = Buffer.allocUnsafeSlow(size).fill("x")
  let answered = () => {}
  other.port.on("message", () => answered())
  return {
    run: count =>
      roundTrips(
        Number(count),
        () =>
          new Promise(resolve => {
            answered = resolve
            other.port.postMessage(payload)
          }),
      ),
    stop: () => other.stop(),
  }
}

export const threadRoles = {
  "thread-push": push,
  "thread-req": req,
  "port-thread-push": portPush,
  "port-thread-req": portReq,
}
