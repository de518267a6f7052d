import { once } from "node:events"
import type { Worker } from "node:worker_threads"
import type { PeerCommands } from "./peer-process.ts"
import { startWorker } from "./start-worker.ts"

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
  readonly code?: string
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A peer in a thread of its own. */
export class PeerThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly exited: Promise<unknown>
  #lastId = 0

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on("message", (answer: Answer) => this.#settle(answer))
    worker.on("error", () => {})
    this.exited = new Promise<void>(resolve => worker.once("exit", () => resolve())).then(() => {
      for (const { reject } of this.#pending.values()) reject(new Error("the peer's thread has ended"))
      this.#pending.clear()
    })
  }

  static async start(): Promise<PeerThread> {
    const worker = startWorker(new URL("peer-process.ts", import.meta.url), { argv: ["ours"] })
    const peer = new PeerThread(worker)
    await once(worker, "message")
    return peer
  }

  call<C extends keyof PeerCommands>(
    command: C,
    ...args: Parameters<PeerCommands[C]>
  ): Promise<Awaited<ReturnType<PeerCommands[C]>>> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#worker.postMessage({ id, command, args })
    })
  }

  /** At once, whatever it does. */
  async kill(): Promise<void> {
    await this.#worker.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (answer.error === undefined) pending?.resolve(answer.result)
    else pending?.reject(Object.assign(new Error(answer.error), { code: answer.code }))
  }
}
