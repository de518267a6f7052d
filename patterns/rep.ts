import { isTakenByPeers } from "../src/base/message-size.ts"
import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { RoutingTable } from "./routing/routing-table.ts"

/** A request was read from a pipe. Its envelope ends with the empty delimiter, and the reply begins with it. */
interface Request {
  readonly pipe: Pipe | undefined
  readonly envelope: Message
  readonly body: Message
}

type State =
  | { readonly name: "idle" }
  /** A request was read ahead, because only a message that was read shows whether it is a request. */
  | { readonly name: "ready"; readonly request: Request }
  | { readonly name: "replying"; readonly request: Request }

const IDLE: State = { name: "idle" }

/**
 * A REP receives a request and then sends the reply to the same peer (zmq_socket(3), RFC 28). Requests are read from
 * the peers in turn. Of peers with the same routing id, only the first is served; the others are closed, as by ROUTER.
 */
export class RepPattern implements Pattern {
  readonly #incoming = new FairQueue()
  readonly #attached = new Set<Pipe>()
  readonly #peers = new RoutingTable()
  #state: State = IDLE

  attach(pipe: Pipe): void {
    this.#attached.add(pipe)
    this.#incoming.attach(pipe)
  }

  detach(pipe: Pipe): void {
    this.#attached.delete(pipe)
    this.#peers.leave(pipe)
    this.#incoming.detach(pipe)
  }

  connected(pipe: Pipe): void {
    this.#peers.enter(pipe, false)
  }

  readable(pipe: Pipe): void {
    this.#incoming.readable(pipe)
  }

  writable(): void {}

  canSend(): boolean {
    return this.#state.name === "replying"
  }

  canReceive(): boolean {
    if (this.#state.name === "idle") this.#lookAhead()
    return this.#state.name === "ready"
  }

  /**
   * Sends the reply to the requester, or drops it if that is impossible. That is so when the requester is gone, when its
   * pipe is full, or when the reply with the request's envelope is above the limits of a message.
   */
  trySend(message: Message): boolean {
    if (this.#state.name !== "replying") return false
    const { pipe, envelope } = this.#state.request
    this.#state = IDLE
    const reply = [...envelope, ...message]
    if (pipe !== undefined && this.#attached.has(pipe) && isTakenByPeers(reply)) pipe.tryWrite(reply)
    return true
  }

  tryReceive(): Message | undefined {
    if (this.#state.name === "idle") this.#lookAhead()
    if (this.#state.name !== "ready") return undefined
    const { request } = this.#state
    this.#state = { name: "replying", request }
    return request.body
  }

  isTaken(routingId: Uint8Array): boolean {
    return this.#peers.find(routingId) !== undefined
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "EFSM" {
    const replying = this.#state.name === "replying"
    return replying === (operation === "send") ? "EAGAIN" : "EFSM"
  }

  /**
   * Reads the next request, and drops messages that are none. The loop ends, because no message arrives while it runs.
   */
  #lookAhead(): void {
    for (
      let message = this.#incoming.tryReceive();
      message !== undefined;
      message = this.#incoming.tryReceive()
    ) {
      const start = message.findIndex(isDelimiter) + 1
      if (start === 0 || start === message.length) continue
      const pipe = this.#incoming.source
      const request = { pipe, envelope: message.slice(0, start), body: message.slice(start) }
      this.#state = { name: "ready", request }
      return
    }
  }
}

function isDelimiter(part: Uint8Array): boolean {
  return part.length === 0
}
