import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { keyOf, RoutingTable } from "./routing/routing-table.ts"

/**
 * STREAM: bytes of peers that are no ZeroMQ sockets. Every message has two parts, the id of the peer and its bytes, as
 * they come and in fair turn; empty ones, made by the connection, tell that it began or ended. Sending an empty one
 * closes the connection (zmq_socket(3), ZMQ_STREAM). A peer keeps its id as long as its pipe lives.
 */
export class StreamPattern implements Pattern {
  readonly #peers = new RoutingTable()
  readonly #incoming = new FairQueue()

  attach(pipe: Pipe): void {
    if (this.#peers.enter(pipe, false)) this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#peers.leave(pipe)
    this.#incoming.detach(pipe)
  }

  /** Only of peers that have an id. */
  readable(pipe: Pipe): void {
    if (this.#peers.idOf(pipe) !== undefined) this.#incoming.readable(pipe)
  }

  writable(): void {}

  /** Who a message is for shows only when there is one. */
  canSend(): boolean {
    return true
  }

  canReceive(): boolean {
    return this.#incoming.canReceive()
  }

  trySend(message: Message): boolean {
    const [id, data] = message
    const pipe = isAddressed(message) ? this.#peers.find(id!) : undefined
    if (pipe === undefined) return false
    if (data!.length > 0) return pipe.tryWrite([data!])
    pipe.close()
    return true
  }

  tryReceive(): Message | undefined {
    const message = this.#incoming.tryReceive()
    if (message === undefined) return undefined
    // A copy, since the program owns what it receives.
    return [Buffer.from(this.#peers.idOf(this.#incoming.source!)!), ...message]
  }

  addressee([id]: Message): string | undefined {
    return id && keyOf(id)
  }

  addressOf(pipe: Pipe): string | undefined {
    return this.#peers.keyOf(pipe)
  }

  hasPeer(routingId?: Uint8Array): boolean {
    return routingId === undefined ? this.#peers.size > 0 : this.#peers.find(routingId) !== undefined
  }

  refusal(operation: "send" | "receive", message?: Message): "EAGAIN" | "EHOSTUNREACH" | "EINVAL" {
    if (operation === "receive" || message === undefined) return "EAGAIN"
    if (!isAddressed(message)) return "EINVAL"
    return this.hasPeer(message[0]!) ? "EAGAIN" : "EHOSTUNREACH"
  }
}

/** An id and what is for it: neither more nor less. */
function isAddressed(message: Message): boolean {
  return message.length === 2
}
