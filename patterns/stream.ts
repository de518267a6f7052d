import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { keyOf, RoutingTable } from "./routing/routing-table.ts"

/**
 * A STREAM exchanges bytes with peers that are no ZeroMQ sockets (zmq_socket(3), ZMQ_STREAM). Every message has two parts,
 * the id of the peer and bytes. Peers are read in turn. A received message without bytes tells that a connection has begun
 * or ended. Sending one closes the connection. A peer keeps its id as long as its pipe exists.
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

  /** Peers that have no id are not read. */
  readable(pipe: Pipe): void {
    if (this.#peers.idOf(pipe) !== undefined) this.#incoming.readable(pipe)
  }

  writable(): void {}

  /** Always true, because the answer depends on the peer that a message is for. */
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
    // The id is copied, because the program owns the parts that it receives.
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

/** True when the message has the two parts that it must have, an id and bytes. */
function isAddressed(message: Message): boolean {
  return message.length === 2
}
