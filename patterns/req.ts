import { protocolError } from "../src/base/errors.ts"
import { allocateShared } from "../src/base/runtime.ts"
import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"
import { LoadBalancer } from "./routing/load-balancer.ts"
import { type ProbeOptions, Prober } from "./routing/prober.ts"

export interface RequestOptions extends ProbeOptions {
  /** True when requests carry a number, and only replies with that number are accepted (ZMQ_REQ_CORRELATE). */
  readonly correlate: boolean
  /** True when a new request may be sent before the reply has come. The old request is given up (ZMQ_REQ_RELAXED). */
  readonly relaxed: boolean
}

type State =
  | { readonly name: "idle" }
  /**
   * A request was sent to a pipe. `pipe` is undefined when that pipe was detached since; any peer may answer then. `id` is
   * undefined when requests carry no number.
   */
  | { readonly name: "asked"; readonly pipe: Pipe | undefined; readonly id: number | undefined }
  | { readonly name: "answered"; readonly reply: Message }

const IDLE: State = { name: "idle" }
const DELIMITER = allocateShared(0)
const ID_LENGTH = 4

/** A REQ sends a request to the next peer in turn, and then receives its reply (zmq_socket(3), RFC 28). */
export class ReqPattern implements Pattern {
  readonly #options: RequestOptions
  readonly #outgoing = new LoadBalancer()
  readonly #prober: Prober
  /** The peers of these pipes have broken the protocol. Nothing is read from them until the next connection. */
  readonly #failed = new WeakSet<Pipe>()
  #state: State = IDLE
  #nextId = Math.floor(Math.random() * 2 ** 32)

  constructor(options: RequestOptions) {
    this.#options = options
    this.#prober = new Prober(options)
  }

  attach(pipe: Pipe): void {
    this.#outgoing.attach(pipe)
    this.#prober.attach(pipe)
    this.readable(pipe)
  }

  detach(pipe: Pipe): void {
    this.#outgoing.detach(pipe)
    this.#prober.detach(pipe)
    this.#failed.delete(pipe)
    if (this.#state.name === "asked" && this.#state.pipe === pipe)
      this.#state = { ...this.#state, pipe: undefined }
  }

  connected(pipe: Pipe): void {
    this.#failed.delete(pipe)
    this.#prober.connected(pipe)
  }

  /** Reads every message at once. Malformed ones are reported, and replies that are not awaited are dropped. */
  readable(pipe: Pipe): void {
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      if (!this.#failed.has(pipe)) this.#examine(pipe, message)
    }
  }

  writable(pipe: Pipe): void {
    this.#outgoing.writable(pipe)
  }

  canSend(): boolean {
    return this.#mayAsk && this.#outgoing.canSend()
  }

  canReceive(): boolean {
    return this.#state.name === "answered"
  }

  /** Sends the request to the next peer. The state changes only if a peer has taken it. */
  trySend(message: Message): boolean {
    if (!this.#mayAsk) return false
    const id = this.#options.correlate ? this.#nextId : undefined
    const pipe = this.#outgoing.trySend(
      id === undefined ? [DELIMITER, ...message] : [encode(id), DELIMITER, ...message],
    )
    if (pipe === undefined) return false
    if (id !== undefined) this.#nextId = (id + 1) >>> 0
    this.#state = { name: "asked", pipe, id }
    return true
  }

  tryReceive(): Message | undefined {
    if (this.#state.name !== "answered") return undefined
    const { reply } = this.#state
    this.#state = IDLE
    return reply
  }

  refusal(operation: "send" | "receive"): "EAGAIN" | "EFSM" {
    const allowed = operation === "send" ? this.#mayAsk : this.#state.name !== "idle"
    return allowed ? "EAGAIN" : "EFSM"
  }

  get #mayAsk(): boolean {
    return this.#state.name === "idle" || this.#options.relaxed
  }

  #examine(pipe: Pipe, message: Message): void {
    const flaw = flawOf(message)
    if (flaw !== undefined) {
      this.#failed.add(pipe)
      pipe.fail(protocolError("ERR_ZMTP_UNSPECIFIED", flaw))
    } else if (this.#state.name === "asked" && (this.#state.pipe ?? pipe) === pipe) {
      const { id } = this.#state
      if (id === idOf(message))
        this.#state = { name: "answered", reply: message.slice(id === undefined ? 1 : 2) }
    }
  }
}

/** Returns the error in the envelope of a reply, if there is one. libzmq ends the connection for the same errors. */
function flawOf([first, second, third]: Message): string | undefined {
  if (first === undefined || second === undefined) return "a reply has no delimiter"
  if (first.length === 0) return undefined
  if (first.length !== ID_LENGTH) return "a reply starts with neither a delimiter nor a request id"
  if (second.length !== 0 || third === undefined) return "a reply has no delimiter after the request id"
  return undefined
}

/** Encodes a request id. The byte order is free, because peers only send the bytes back. */
function encode(id: number): Uint8Array {
  return Uint8Array.of(id, id >>> 8, id >>> 16, id >>> 24)
}

function idOf([first]: Message): number | undefined {
  if (first === undefined || first.length !== ID_LENGTH) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = first
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
