import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { type ProbeOptions, Prober } from "./routing/prober.ts"
import { keyOf, RoutingTable } from "./routing/routing-table.ts"

export interface RouterOptions extends ProbeOptions {
  /** True when messages that can't be delivered are refused instead of dropped (ZMQ_ROUTER_MANDATORY). */
  readonly mandatory: boolean
  /**
   * A new peer may have the same routing id as another one. If this is true, the new peer gets the id and the old one is
   * closed. If it is false, the new one is closed (ZMQ_ROUTER_HANDOVER).
   */
  readonly handover: boolean
}

/**
 * A ROUTER addresses its peers by routing id, which is the first part of each message (zmq_socket(3), RFC 28). It receives
 * from its peers in turn. A peer can be addressed from its first connection until its pipe is detached. A peer to which
 * connect() has given an id can be addressed before its first connection, too.
 */
export class RouterPattern implements Pattern {
  readonly #options: RouterOptions
  readonly #peers = new RoutingTable()
  readonly #incoming = new FairQueue()
  readonly #prober: Prober

  constructor(options: RouterOptions) {
    this.#options = options
    this.#prober = new Prober(options)
  }

  attach(pipe: Pipe): void {
    if (pipe.connectRoutingId !== undefined) this.#peers.enter(pipe, this.#options.handover)
    this.#prober.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#peers.leave(pipe)
    this.#incoming.detach(pipe)
    this.#prober.detach(pipe)
  }

  connected(pipe: Pipe): void {
    if (!this.#peers.enter(pipe, this.#options.handover)) return
    this.#incoming.attach(pipe)
    this.#prober.connected(pipe)
  }

  /** Peers that have no routing id are not read, because another peer has theirs. */
  readable(pipe: Pipe): void {
    if (this.#peers.idOf(pipe) !== undefined) this.#incoming.readable(pipe)
  }

  writable(): void {}

  canSend(): boolean {
    if (!this.#options.mandatory) return true
    for (const pipe of this.#peers.pipes) if (pipe.canWrite) return true
    return false
  }

  canReceive(): boolean {
    return this.#incoming.canReceive()
  }

  trySend(message: Message): boolean {
    const [id] = message
    // If nothing follows the id there is nothing to send. libzmq counts that as success, whoever is addressed.
    if (id === undefined || message.length === 1) return true
    const sent = this.#peers.find(id)?.tryWrite(message.slice(1)) ?? false
    return sent || !this.#options.mandatory
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

  isTaken(routingId: Uint8Array): boolean {
    return !this.#options.handover && this.hasPeer(routingId)
  }

  refusal(operation: "send" | "receive", message?: Message): "EAGAIN" | "EHOSTUNREACH" {
    const id = operation === "send" ? message?.[0] : undefined
    return id === undefined || this.hasPeer(id) ? "EAGAIN" : "EHOSTUNREACH"
  }
}
