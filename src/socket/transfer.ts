import { checkCount } from "../base/arguments.ts"
import { isTakenByPeers, tooLarge } from "../base/message-size.ts"
import { type MessageLike, toMessage } from "../base/parts.ts"
import type { Message } from "../contracts/message.ts"
import type { OptionProperties } from "../options/table.ts"
import type { SocketCore } from "./socket-core.ts"

/** Options of one send(), receive() and the like. */
export interface OperationOptions {
  /**
   * Once this signal is aborted the wait ends, and the promise rejects with the signal's reason. A send() that rejects has
   * sent nothing, and one that resolves has sent the whole message. A receive() that rejects has taken no message: the next
   * receive() gets it.
   */
  signal?: AbortSignal
}

/** Sockets that can send have the first of these options, and sockets that can receive the second. */
type SendOptions = OptionProperties<"sends">
type ReceiveOptions = OptionProperties<"receives">

/** Sockets that can send have these methods. The type parameters say which arguments send() takes. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends (object | undefined)[] = [options?: OperationOptions],
> extends SendOptions {
  /**
   * Sends a message of one or several parts. It is delivered whole or not at all. The promise resolves when the message is
   * queued or on its way. Calls wait, in their order, while there is no peer or while its queue is at `sendHighWaterMark`;
   * PUB, REP and ROUTER drop the message instead.
   *
   * Rejects with EAGAIN after `sendTimeout` or at close(); with EFSM when a REQ or REP socket may not send now; with
   * EHOSTUNREACH when a `mandatory` ROUTER has no such peer; with EMSGSIZE for a message of more than 2 GiB or 1,048,576
   * parts, because no peer takes it. At most `sendHighWaterMark` calls wait for one peer of a ROUTER or STREAM, and no
   * more once their messages have 64 MiB; one more rejects with EAGAIN. With `sendHighWaterMark` 0 any number waits.
   *
   * Parts of more than 128 bytes are not copied, so do not change them until they are delivered.
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
   * Sends a message if that is possible at once. Returns true when the message is queued or on its way, as after send().
   * Returns false, and does nothing, when send() would have to wait for room or behind earlier calls. To wait for room,
   * use `await send(message)`. Throws the other errors of send(), such as EFSM.
   *
   * A loop that only calls trySend() blocks timers and input; a loop that awaits send() does not.
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
 * It doesn't extend AsyncIterableIterator, because that takes a second type argument only from TypeScript 5.6 on.
 */
export interface MessageIterator<T> extends AsyncIterator<T, undefined> {
  /** Ends the iteration, as leaving a `for await` loop does. A `next()` that waits takes no message, and is done. */
  return(): Promise<IteratorReturnResult<undefined>>
  /** Returns the iterator itself. */
  [Symbol.asyncIterator](): MessageIterator<T>
}

/** Sockets that can receive have these methods. */
export interface Readable<M extends object[] = Buffer[]> extends ReceiveOptions {
  /**
   * Receives the next message, as a list of its parts. Rejects with EAGAIN after `receiveTimeout` or at close(), and with
   * EFSM when a REQ or REP socket may not receive now.
   *
   * A call takes the next message even if nobody awaits it any more. So end it with a signal when you wait for something
   * else too; do not leave it in a `Promise.race`.
   *
   * @example
   * ```ts
   * const [first, ...others] = await pull.receive()
   * const soon = await pull.receive({ signal: AbortSignal.timeout(1000) })
   * ```
   */
  receive(options?: OperationOptions): Promise<M>
  /**
   * Receives the next message if there is one. Returns undefined when receive() would have to wait for a message or behind
   * earlier calls. Throws the other errors of receive(), such as EFSM.
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
   * Iterates over the messages, with options. Once the signal is aborted the iteration throws its reason, and takes no
   * message.
   *
   * @example
   * ```ts
   * for await (const [task] of pull.messages({ signal })) work(task)
   * ```
   */
  messages(options?: OperationOptions): MessageIterator<M>
  /**
   * Iterates over batches: arrays of 1 to 1,024 messages that are queued, taken from the peers in turn. It never waits for
   * a batch to fill. It is faster than the iteration over single messages where messages are many and small, and is like it
   * in all else: calls of receive() and other iterations get their turn.
   *
   * @example
   * ```ts
   * for await (const batch of pull.batches()) for (const [task] of batch) work(task)
   * ```
   */
  batches(options?: OperationOptions): MessageIterator<M[]>
}

/** A batch has at most this many messages, because larger ones save little and block the event loop for longer. */
export const BATCH_LIMIT = 1024

/**
 * Makes the methods of {@link Writable} and {@link Readable}. At run time all socket classes have all of them, as in the
 * native package; only the types (sockets.ts) say which class may use which.
 * @param coreOf throws for a foreign `this`
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
      // It goes through `this`, because the socket must not be collected while somebody iterates.
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

  /** @param next waits for the next result; it gets this iteration, to which the wait belongs */
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

/** Throws the native package's error for a wrong number of arguments. The options count only when they are an object. */
export function checkExtra(options: unknown, count: number, expected: number): void {
  const isObject = typeof options === "object" && options !== null
  checkCount(count, options === undefined || isObject ? expected + 1 : expected, expected)
}
