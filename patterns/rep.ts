import { isTakenByPeers } from "../src/base/message-size.ts"
import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { FairQueue } from "./routing/fair-queue.ts"
import { RoutingTable } from "./routing/routing-table.ts"

/** Taken from a pipe. The envelope ends with the empty delimiter and is what the reply starts with. */
interface Request {
  readonly pipe: Pipe | undefined
  readonly envelope: Message
  readonly body: Message
}

type State =
  | { readonly name: "idle" }
  /** Looked ahead, because only an opened message shows whether it is a request. */
  | { readonly name: "ready"; readonly request: Request }
  | { readonly name: "replying"; readonly request: Request }

const IDLE: State = { name: "idle" }

/**
 * REP: one request, fairly of each peer in turn, then the reply to whoever asked (zmq_socket(3), RFC 28). As with
 * ROUTER, of peers with the same routing id only the first is served; the others are closed.
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
   * A reply that the requester can't take is dropped, because nobody else wants it: the requester is gone or full, or has
   * sent so large an envelope that no peer takes it with the reply.
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
   * Takes the next request, dropping what is none. That ends: no event comes in between, so there is no more to
   * read than what the pipes hold already.
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
