/** The worker's end of a pair within one process: `workerData` says what it is, orders come by its message port. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import type { Package } from "./role.ts"

/** What the main thread says: count so many messages, or end. */
export type Order = { readonly expect: number } | "stop"

export interface OtherData {
  readonly role: "pull" | "rep"
  /** "none" for bare ports. */
  readonly packageName: string
  readonly endpoint: string
  readonly marks: object
  /** The bare link. Every `window` / 2 messages it says so. */
  readonly port: MessagePort
  readonly window: number
}

const { role, packageName, endpoint, marks, port, window } = workerData as OtherData
const tell = (answer: unknown) => parentPort!.postMessage(answer)

let left = 0
let firstAt = 0

/** The clock runs from the first message of a round to its last. */
function count(): void {
  if (firstAt === 0) firstAt = performance.now()
  if (--left === 0) tell({ seconds: (performance.now() - firstAt) / 1000 })
}

/** Returns how to end. */
async function open(): Promise<() => void> {
  if (packageName === "none") return openPort()
  const { Pull, Reply } = (await import(packageName)) as Package
  if (role === "pull") {
    const pull = new Pull(marks)
    await pull.bind(endpoint)
    void receiveAll(pull, count)
    return () => pull.close()
  }
  const reply = new Reply()
  await reply.bind(endpoint)
  void receiveAll(reply, parts => reply.send(parts))
  return () => reply.close()
}

async function receiveAll(
  socket: AsyncIterable<Buffer[]>,
  take: (parts: Buffer[]) => unknown,
): Promise<void> {
  for await (const parts of socket) {
    const taken = take(parts)
    if (taken !== undefined) await taken
  }
}

function openPort(): () => void {
  let taken = 0
  port.on("message", message => {
    if (role === "rep") port.postMessage(message)
    else if (++taken % (window / 2) === 0) port.postMessage("taken")
    if (role === "pull") count()
  })
  return () => port.close()
}

const stop = await open()
parentPort!.on("message", (order: Order) => {
  if (order === "stop") {
    stop()
    parentPort!.close()
    port.close()
    return
  }
  left = order.expect
  firstAt = 0
  tell("ready")
})
tell("ready")
