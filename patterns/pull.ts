import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"

/** A PULL receives the messages of its peers, one of each in turn (zmq_socket(3), RFC 30). */
export class PullPattern implements Pattern {
  readonly #incoming = new FairQueue()

  attach(pipe: Pipe): void {
    this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe)
  }

  readable(pipe: Pipe): void {
    this.#incoming.readable(pipe)
  }

  writable(): void {}

  canSend(): boolean {
    return false
  }

  canReceive(): boolean {
    return this.#incoming.canReceive()
  }

  trySend(): boolean {
    return false
  }

  tryReceive(): Message | undefined {
    return this.#incoming.tryReceive()
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "ENOTSUP" {
    return operation === "receive" ? "EAGAIN" : "ENOTSUP"
  }
}
