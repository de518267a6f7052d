import { checkCount } from "../base/arguments.ts"
import { isTakenByPeers, tooLarge } from "../base/message-size.ts"
import { type MessageLike, toMessage } from "../base/parts.ts"
import type { Message } from "../contracts/message.ts"
import type { OptionProperties } from "../options/table.ts"
import type { SocketCore } from "./socket-core.ts"

/** Options of one send(), receive() and the like. */
export interface OperationOptions {
  /**
   * Once it is aborted the wait ends: the promise rejects with the signal's reason. Whether that came in time is never in doubt: a send()
   * that rejects has sent nothing, for whatever reason it does, and one that resolves has sent its message whole; what a
   * receive() that rejects would have had is the next one's.
   */
  signal?: AbortSignal
}

/** Options that sockets have which can send, and which can receive. */
type SendOptions = OptionProperties<"sends">
type ReceiveOptions = OptionProperties<"receives">

/** Sockets that can send; the parameters are what send() takes. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends (object | undefined)[] = [options?: OperationOptions],
> extends SendOptions {
  /**
   * Sends a message, of one part or of several; it is delivered whole or not at all. Resolves when the message is
   * queued or on its way; waits, each caller in turn, while there is no peer or its queue is at `sendHighWaterMark`
   * (PUB, REP and ROUTER drop instead). Rejects with EAGAIN after `sendTimeout` or at close(), EFSM for a REQ or REP
   * socket whose turn it isn't, EHOSTUNREACH for a `mandatory` ROUTER whose message is for nobody that is there,
   * EMSGSIZE for a message of more than 2 GiB or 1,048,576 parts, which no peer takes.
   * For one peer of a ROUTER or STREAM at most `sendHighWaterMark` calls wait; one more rejects with EAGAIN.
   *
   * Parts of more than 128 bytes are sent from where they are: leave them alone until they are delivered.
   *
   * @example
   * ```ts
   * await push.send("one part")
   * await push.send(["several", Buffer.from([1, 2, 3]), null])
   * await push.send("soon or never", { signal: AbortSignal.timeout(1000) })
   * ```
   */
  send(message: M, ...options: O): Promise<void>
  /**
   * Sends a message if that is possible at once. True: it is queued or on its way, as after send(). False: nothing
   * has happened, because send() would have to wait, be it behind earlier callers; `await send(message)` is the way
   * to wait for room. Throws what send() throws or rejects with for other reasons, such as EFSM.
   *
   * A loop of nothing but trySend() lets neither timers nor input come through; one that awaits send() does.
   *
   * @example
   * ```ts
   * for (const task of tasks) if (!push.trySend(task)) await push.send(task)
   * ```
   */
  trySend(message: M): boolean
}

/**
 * This iterates over messages, or over batches of them. It is read with `for await`, or step by step with `next()`.
 * (AsyncIterableIterator takes a second type argument only from TypeScript 5.6 on.)
 */
export interface MessageIterator<T> extends AsyncIterator<T, undefined> {
  /** Ends the iteration, as leaving a `for await` loop does. A `next()` that waits takes no message, and is done. */
  return(): Promise<IteratorReturnResult<undefined>>
  /** Returns the iterator itself. */
  [Symbol.asyncIterator](): MessageIterator<T>
}

/** Sockets that can receive. */
export interface Readable<M extends object[] = Buffer[]> extends ReceiveOptions {
  /**
   * Receives the next message, as a list of its parts. Rejects with EAGAIN after `receiveTimeout` or at close(), with
   * EFSM when it isn't a REQ or REP's turn.
   *
   * A call that nobody awaits any more takes the next message all the same. To wait for something else too, don't leave
   * it behind in a `Promise.race`, but end it with a signal.
   *
   * @example
   * ```ts
   * const [first, ...others] = await pull.receive()
   * const soon = await pull.receive({ signal: AbortSignal.timeout(1000) })
   * ```
   */
  receive(options?: OperationOptions): Promise<M>
  /**
   * Receives the next message if there is one; undefined when receive() would have to wait, be it behind earlier callers.
   * Throws what receive() throws or rejects with for other reasons, such as EFSM.
   *
   * @example
   * ```ts
   * for (let message = pull.tryReceive(); message; message = pull.tryReceive()) work(message[0])
   * ```
   */
  tryReceive(): M | undefined
  /**
   * Iterates over the messages as they come; ends when the socket is closed. Leaving the loop doesn't close the socket,
   * and takes no message: neither does `Readable.from(socket).destroy()` or `ReadableStream.from(socket).cancel()`.
   *
   * @example
   * ```ts
   * for await (const [task] of pull) work(task)
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>
  /**
   * Iterates over the messages, with options: once the signal is aborted the iteration ends with its reason, and takes no
   * message.
   *
   * @example
   * ```ts
   * for await (const [task] of pull.messages({ signal })) work(task)
   * ```
   */
  messages(options?: OperationOptions): MessageIterator<M>
  /**
   * Iterates over the messages, all that are queued at once: arrays of 1 to 1,024 messages, fairly of each peer in
   * turn. Never waits for a batch to fill. Otherwise as the iteration over single messages, which is slower where
   * messages are many and small; who waits in receive() or in another iteration has his turn.
   *
   * @example
   * ```ts
   * for await (const batch of pull.batches()) for (const [task] of batch) work(task)
   * ```
   */
  batches(options?: OperationOptions): MessageIterator<M[]>
}

/** Next to nothing is saved by larger batches, and the event loop has to wait for whoever works one off. */
export const BATCH_LIMIT = 1024

/**
 * The methods of {@link Writable} and {@link Readable}. Which classes show them is a matter of types (sockets.ts); at
 * run time, as in the native package, all have them. `coreOf` throws for a foreign `this`.
 */
export function transferMethods(coreOf: (socket: object) => SocketCore) {
  return {
    send(this: object, message: unknown, options?: OperationOptions): Promise<void> {
      const core = coreOf(this)
      checkExtra(options, arguments.length, 1)
      const parts = partsFor(core, message)
      if (!isTakenByPeers(parts, core.type)) return Promise.reject(tooLarge())
      return parts.length === 0 ? Promise.resolve() : core.traffic.send(parts, options?.signal)
    },

    trySend(this: object, message: unknown): boolean {
      const core = coreOf(this)
      checkCount(arguments.length, 1)
      const parts = partsFor(core, message)
      if (!isTakenByPeers(parts, core.type)) throw tooLarge()
      return parts.length === 0 || core.traffic.trySend(parts)
    },

    receive(this: object, options?: OperationOptions): Promise<Message> {
      const core = coreOf(this)
      checkExtra(options, arguments.length, 0)
      core.mustBeFree()
      return core.traffic.receive(options?.signal)
    },

    tryReceive(this: object): Message | undefined {
      const core = coreOf(this)
      checkCount(arguments.length, 0)
      core.mustBeFree()
      return core.traffic.tryReceive()
    },

    [Symbol.asyncIterator](this: object): AsyncIterator<Message, undefined> {
      // By way of `this`: who iterates has not lost the socket.
      return new UntilClosed(coreOf(this), iteration => coreOf(this).traffic.next(undefined, iteration))
    },

    messages(this: object, options?: OperationOptions): MessageIterator<Message> {
      checkExtra(options, arguments.length, 0)
      return new UntilClosed(coreOf(this), iteration => coreOf(this).traffic.next(options?.signal, iteration))
    },

    batches(this: object, options?: OperationOptions): MessageIterator<Message[]> {
      checkExtra(options, arguments.length, 0)
      return new UntilClosed(coreOf(this), iteration =>
        coreOf(this).traffic.nextBatch(BATCH_LIMIT, options?.signal, iteration),
      )
    },
  }
}

/** An iteration that ends when the socket is closed, or when it is left. */
class UntilClosed<T> implements MessageIterator<T> {
  readonly #core: SocketCore
  readonly #next: (iteration: object) => Promise<IteratorResult<T, undefined>>
  #left = false

  /** @param next is given this iteration, which a wait is for */
  constructor(core: SocketCore, next: (iteration: object) => Promise<IteratorResult<T, undefined>>) {
    this.#core = core
    this.#next = next
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#core.closed || this.#left) return Promise.resolve({ value: undefined, done: true })
    try {
      this.#core.mustBeFree()
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#next(this)
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#left = true
    this.#core.traffic.withdraw(this)
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function partsFor(core: SocketCore, message: unknown): Message {
  if (message === undefined) throw new TypeError("Message must be present")
  core.mustBeFree()
  return toMessage(message)
}

/** The native package has no options here: whatever else is passed gets its error. */
export function checkExtra(options: unknown, count: number, expected: number): void {
  const isObject = typeof options === "object" && options !== null
  checkCount(count, options === undefined || isObject ? expected + 1 : expected, expected)
}
