import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { LoadBalancer } from "./routing/load-balancer.ts"

/** A PUSH sends to its peers in turn, and waits when none has room (zmq_socket(3), RFC 30). */
export class PushPattern implements Pattern {
  readonly #outgoing = new LoadBalancer()

  attach(pipe: Pipe): void {
    this.#outgoing.attach(pipe)
    this.readable(pipe)
  }

  detach(pipe: Pipe): void {
    this.#outgoing.detach(pipe)
  }

  /** Drops messages of the peer, because a PUSH never receives and they would stay in memory. */
  readable(pipe: Pipe): void {
    while (pipe.tryRead() !== undefined);
  }

  writable(pipe: Pipe): void {
    this.#outgoing.writable(pipe)
  }

  canSend(): boolean {
    return this.#outgoing.canSend()
  }

  canReceive(): boolean {
    return false
  }

  trySend(message: Message): boolean {
    return this.#outgoing.trySend(message) !== undefined
  }

  tryReceive(): undefined {
    return undefined
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "ENOTSUP" {
    return operation === "send" ? "EAGAIN" : "ENOTSUP"
  }
}
