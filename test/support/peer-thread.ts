import { once } from "node:events"
import type { Worker } from "node:worker_threads"
import { type Answer, RemotePeer } from "./remote-peer.ts"
import { startWorker } from "./start-worker.ts"

/** A peer in a thread of its own. */
export class PeerThread extends RemotePeer {
  readonly #worker: Worker
  readonly exited: Promise<void>

  private constructor(worker: Worker) {
    super()
    this.#worker = worker
    worker.on("message", (answer: Answer) => this.settle(answer))
    worker.on("error", () => {})
    this.exited = new Promise<void>(resolve => worker.once("exit", () => resolve())).then(() =>
      this.abandon("the peer's thread has ended"),
    )
  }

  static async start(): Promise<PeerThread> {
    const worker = startWorker(new URL("peer-process.ts", import.meta.url), { argv: ["ours"] })
    const peer = new PeerThread(worker)
    await once(worker, "message")
    return peer
  }

  override async kill(): Promise<void> {
    await this.#worker.terminate()
  }

  protected override post(call: object): void {
    this.#worker.postMessage(call)
  }
}
