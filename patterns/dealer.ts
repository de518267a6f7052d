import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { LoadBalancer } from "./routing/load-balancer.ts"
import { type ProbeOptions, Prober } from "./routing/prober.ts"

/**
 * A DEALER sends to its peers in turn and receives from them in turn (zmq_socket(3), RFC 28). It neither adds parts to a
 * message nor matches replies with requests. Sending waits when no peer has room.
 */
export class DealerPattern implements Pattern {
  readonly #outgoing = new LoadBalancer()
  readonly #incoming = new FairQueue()
  readonly #prober: Prober

  constructor(options: ProbeOptions) {
    this.#prober = new Prober(options)
  }

  attach(pipe: Pipe): void {
    this.#outgoing.attach(pipe)
    this.#incoming.attach(pipe)
    this.#prober.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#outgoing.detach(pipe)
    this.#incoming.detach(pipe)
    this.#prober.detach(pipe)
  }

  connected(pipe: Pipe): void {
    this.#prober.connected(pipe)
  }

  readable(pipe: Pipe): void {
    this.#incoming.readable(pipe)
  }

  writable(pipe: Pipe): void {
    this.#outgoing.writable(pipe)
  }

  canSend(): boolean {
    return this.#outgoing.canSend()
  }

  canReceive(): boolean {
    return this.#incoming.canReceive()
  }

  trySend(message: Message): boolean {
    return this.#outgoing.trySend(message) !== undefined
  }

  tryReceive(): Message | undefined {
    return this.#incoming.tryReceive()
  }

  refusal(): "EAGAIN" {
    return "EAGAIN"
  }
}
