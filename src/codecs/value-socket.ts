import { emitWarning } from "../base/runtime.ts"
import { socketTypeOf } from "../base/socket-types.ts"
import type {
  ConnectOptions,
  DrainOptions,
  MessageIterator,
  Observer,
  OperationOptions,
  Readable,
  Router,
  Socket,
  Undelivered,
  Writable,
} from "../index.ts"
import type { Envelope } from "./envelope.ts"
import { InvalidMessageError } from "./invalid-message.ts"

/** This decides what happens with an invalid message while iterating. See `CodecOptions`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler may return a reply, or nothing at all
export type OnInvalid<In> = "throw" | ((error: InvalidMessageError) => In | void)

type Result<T> = IteratorResult<T, undefined>

const EMPTY = Buffer.alloc(0)

/**
 * `withCodec()` returns this object, which sends and receives values with a socket. It has the methods of all types of
 * sockets. The types in with-codec.ts show only those that the socket supports.
 */
export class ValueSocket<Out, In> implements AsyncDisposable, Disposable {
  readonly socket: Socket & Writable & Readable
  readonly #replies: boolean
  readonly #envelope: Envelope<Out, In>
  readonly #onInvalid: OnInvalid<In> | undefined
  /** These messages were received in one batch with an invalid one that was thrown. They are the next ones. */
  #early: Buffer[][] = []
  /** This many invalid messages came while there was no `onInvalid`. */
  #untold = 0

  constructor(socket: Socket, envelope: Envelope<Out, In>, onInvalid: OnInvalid<In> | undefined) {
    this.socket = socket as Socket & Writable & Readable
    this.#replies = socketTypeOf(socket).replies
    this.#envelope = envelope
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
    else (this.socket as Socket as Router).connect(address, options)
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
      return this.socket.send(this.#envelope.wrap(value), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  trySend(value: In): boolean {
    return this.socket.trySend(this.#envelope.wrap(value))
  }

  // --- Receiving

  async receive(options?: OperationOptions): Promise<Out> {
    if (!this.#hasEarly(options?.signal)) return this.#open(await this.socket.receive(options))
    return this.#open(this.#early.shift()!)
  }

  tryReceive(): Out | undefined {
    const message = this.#hasEarly() ? this.#early.shift() : this.socket.tryReceive()
    return message && this.#open(message)
  }

  [Symbol.asyncIterator](): MessageIterator<Out> {
    return this.messages()
  }

  messages(options: OperationOptions = {}): MessageIterator<Out> {
    const source = this.socket.messages(options)
    const next = (): Promise<Result<Buffer[]>> => {
      if (!this.#hasEarly(options.signal)) return source.next()
      return Promise.resolve({ value: this.#early.shift()!, done: false })
    }
    const open = (result: Result<Buffer[]>): Result<Out> | Promise<Result<Out>> => {
      if (result.done) return result
      try {
        return { value: this.#open(result.value), done: false }
      } catch (error) {
        return this.#goOn(error as InvalidMessageError, next)
      }
    }
    return new Iteration(source, () => next().then(open))
  }

  batches(options: OperationOptions = {}): MessageIterator<Out[]> {
    const source = this.socket.batches(options)
    return new Iteration(source, async () => {
      for (;;) {
        const result: Result<Buffer[][]> = this.#hasEarly(options.signal)
          ? { value: this.#early.splice(0), done: false }
          : await source.next()
        if (result.done) return result
        const value = await this.#openAll(result.value)
        if (value.length > 0) return { value, done: false }
      }
    })
  }

  /** True when there are early messages to read. False when the socket is closed or the signal is aborted. */
  #hasEarly(signal?: AbortSignal): boolean {
    return this.#early.length > 0 && !this.socket.closed && !signal?.aborted
  }

  #open(message: Buffer[]): Out {
    try {
      return this.#envelope.unwrap(message)
    } catch (error) {
      throw new InvalidMessageError(message, error)
    }
  }

  async #openAll(messages: readonly Buffer[][]): Promise<Out[]> {
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

  /** Skips invalid messages. It is a loop, because there may be any number of them. */
  async #goOn(first: InvalidMessageError, next: () => Promise<Result<Buffer[]>>): Promise<Result<Out>> {
    for (let error = first; ; ) {
      await this.#tell(error)
      const result = await next()
      if (result.done) return result
      try {
        return { value: this.#open(result.value), done: false }
      } catch (next) {
        error = next as InvalidMessageError
      }
    }
  }

  /** Reports an invalid message. On sockets that must reply to each message, it sends the reply too. */
  async #tell(error: InvalidMessageError): Promise<void> {
    if (this.#onInvalid === "throw") throw error
    const answer = this.#onInvalid === undefined ? this.#warn(error) : this.#onInvalid(error)
    if (!this.#replies) return
    const reply = answer === undefined ? EMPTY : this.#envelope.wrap(answer)
    if (!this.socket.closed) await this.socket.send(reply)
  }

  /** Warns of the 1st, 2nd, 4th, 8th, ... invalid message only, because a peer could fill the log otherwise. */
  #warn(error: InvalidMessageError): void {
    this.#untold++
    if ((this.#untold & (this.#untold - 1)) === 0) emitWarning(error)
  }
}

class Iteration<T> implements MessageIterator<T> {
  readonly #source: MessageIterator<unknown>
  readonly #next: () => Promise<Result<T>>
  #left = false

  /** @param source what `next` reads */
  constructor(source: MessageIterator<unknown>, next: () => Promise<Result<T>>) {
    this.#source = source
    this.#next = next
  }

  next(): Promise<Result<T>> {
    return this.#left ? Promise.resolve({ value: undefined, done: true }) : this.#next()
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#left = true
    return this.#source.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
