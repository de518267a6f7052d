import { emitWarning } from "../base/runtime.ts"
import type { Message } from "../contracts/message.ts"
import type { Undelivered } from "../endpoints/closing-endpoints.ts"
import type { Observer } from "../events/observer.ts"
import { type ConnectOptions, coreOf, type DrainOptions } from "../socket/socket.ts"
import type { SocketCore } from "../socket/socket-core.ts"
import { BATCH_LIMIT, type OperationOptions, UntilClosed } from "../socket/transfer.ts"
import type { Router, Socket } from "../sockets.ts"
import type { Framing } from "./envelope.ts"
import { InvalidMessageError } from "./invalid-message.ts"

/** What becomes of a message that is not valid, while iterating. See `CodecOptions`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler may return a reply, or nothing at all
export type OnInvalid<In> = "throw" | ((error: InvalidMessageError) => In | void)

type Result<T> = IteratorResult<T, undefined>

const EMPTY_REPLY: Message = [Buffer.alloc(0)]

/**
 * The run-time side of `withCodec()`: a socket, and what its messages say. All types have all methods; which of them are
 * shown is a matter of types (with-codec.ts).
 */
export class ValueSocket<Out, In> implements AsyncDisposable, Disposable {
  readonly socket: Socket
  readonly #core: SocketCore
  readonly #framing: Framing<Out, In>
  readonly #onInvalid: OnInvalid<In> | undefined
  /** Received with a batch, behind a message that was thrown: next in turn. */
  #early: Message[] = []
  /** Invalid messages that nobody had asked to be told of. */
  #untold = 0

  constructor(socket: Socket, framing: Framing<Out, In>, onInvalid: OnInvalid<In> | undefined) {
    this.socket = socket
    this.#core = coreOf(socket)
    this.#framing = framing
    this.#onInvalid = onInvalid
  }

  get closed(): boolean {
    return this.socket.closed
  }

  get lastEndpoint(): string | null {
    return this.socket.lastEndpoint
  }

  get events(): Observer {
    return this.socket.events
  }

  bind(address: string, options?: OperationOptions): Promise<void> {
    return this.socket.bind(address, options)
  }

  unbind(address: string): Promise<void> {
    return this.socket.unbind(address)
  }

  connect(address: string, options?: ConnectOptions): void {
    if (options === undefined) this.socket.connect(address)
    else (this.socket as Router).connect(address, options)
  }

  disconnect(address: string): void {
    this.socket.disconnect(address)
  }

  close(): void {
    this.socket.close()
  }

  drain(options?: DrainOptions): Promise<Undelivered[]> {
    return this.socket.drain(options)
  }

  [Symbol.dispose](): void {
    this.socket.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.socket[Symbol.asyncDispose]()
  }

  // --- Sending

  send(value: In, options?: OperationOptions): Promise<void> {
    try {
      const message = this.#framing.wrap(value)
      this.#core.mustBeFree()
      return this.#core.traffic.send(message, options?.signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  trySend(value: In): boolean {
    const message = this.#framing.wrap(value)
    this.#core.mustBeFree()
    return this.#core.traffic.trySend(message)
  }

  // --- Receiving

  async receive(options?: OperationOptions): Promise<Out> {
    this.#core.mustBeFree()
    options?.signal?.throwIfAborted()
    return this.#open(this.#early.shift() ?? (await this.#core.traffic.receive(options?.signal)))
  }

  tryReceive(): Out | undefined {
    this.#core.mustBeFree()
    const message = this.#early.shift() ?? this.#core.traffic.tryReceive()
    return message && this.#open(message)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Out, undefined> {
    return this.messages()
  }

  messages({ signal }: OperationOptions = {}): AsyncIterableIterator<Out, undefined> {
    const open = (result: Result<Message>): Result<Out> | Promise<Result<Out>> => {
      if (result.done) return result
      try {
        return { value: this.#open(result.value), done: false }
      } catch (error) {
        return this.#goOn(error as InvalidMessageError, signal)
      }
    }
    return new UntilClosed(this.#core, () => this.#next(signal).then(open))
  }

  batches({ signal }: OperationOptions = {}): AsyncIterableIterator<Out[], undefined> {
    return new UntilClosed(this.#core, async () => {
      for (;;) {
        const result = await this.#nextBatch(signal)
        if (result.done) return result
        const value = await this.#openAll(result.value)
        if (value.length > 0) return { value, done: false }
      }
    })
  }

  #next(signal: AbortSignal | undefined): Promise<Result<Message>> {
    if (this.#early.length === 0 || signal?.aborted) return this.#core.traffic.next(signal)
    return Promise.resolve({ value: this.#early.shift() as Message, done: false })
  }

  #nextBatch(signal: AbortSignal | undefined): Promise<Result<Message[]>> {
    if (this.#early.length === 0 || signal?.aborted) return this.#core.traffic.nextBatch(BATCH_LIMIT, signal)
    return Promise.resolve({ value: this.#early.splice(0), done: false })
  }

  /** (Node's messages are of Buffers.) */
  #open(message: Message): Out {
    try {
      return this.#framing.unwrap(message as Buffer[])
    } catch (error) {
      throw new InvalidMessageError(message as Buffer[], error)
    }
  }

  async #openAll(messages: readonly Message[]): Promise<Out[]> {
    const values: Out[] = []
    for (const [index, message] of messages.entries()) {
      try {
        values.push(this.#open(message))
      } catch (error) {
        const mustStop = this.#onInvalid === "throw"
        if (mustStop) this.#early = messages.slice(values.length > 0 ? index : index + 1)
        if (mustStop && values.length > 0) break
        await this.#tell(error as InvalidMessageError)
      }
    }
    return values
  }

  /** Passes over invalid messages, in a loop: there may be any number of them. */
  async #goOn(first: InvalidMessageError, signal: AbortSignal | undefined): Promise<Result<Out>> {
    for (let error = first; ; ) {
      await this.#tell(error)
      const result = await this.#next(signal)
      if (result.done) return result
      try {
        return { value: this.#open(result.value), done: false }
      } catch (next) {
        error = next as InvalidMessageError
      }
    }
  }

  /** The iteration may go on once somebody knows of the message; a REP can't, until it has replied. */
  async #tell(error: InvalidMessageError): Promise<void> {
    if (this.#onInvalid === "throw") throw error
    const answer = this.#onInvalid === undefined ? this.#warn(error) : this.#onInvalid(error)
    if (this.#core.type !== "REP") return
    const reply = answer === undefined ? EMPTY_REPLY : this.#framing.wrap(answer)
    if (!this.#core.closed) await this.#core.traffic.send(reply)
  }

  /** Of ever more of them ever fewer are told, so that a peer can't fill anybody's log. */
  #warn(error: InvalidMessageError): void {
    this.#untold++
    if ((this.#untold & (this.#untold - 1)) === 0) emitWarning(error)
  }
}
