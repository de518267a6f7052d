import { fromSystemError, protocolError } from "../../src/base/errors.ts"
import { LONGEST_TOPIC, MOST_PARTS_TOGETHER } from "../../src/base/limits.ts"
import { turnWork } from "../../src/base/turn-work.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { otherParts, parseSubscription } from "./subscription-message.ts"
import { LONGEST_HEAD } from "./topic-trie.ts"

/** A publisher handles the requests of its peers with these functions. */
export interface RequestHandler {
  /** True when the whole message is no subscription. */
  isData(message: Message): boolean
  apply(pipe: Pipe, control: Control): void
  /** Takes the parts that are no subscriptions. Returns false when no more messages of this pipe are wanted now. */
  take(pipe: Pipe, data: Message): boolean
  /** Something was left for {@link Requests.tidy}. */
  onLeft(): void
}

/** This is the work of one peer that is left for a later turn: the rest of a message, then the commands behind it. */
class Left {
  message: Message | undefined
  /** The next part of it. */
  at = 0
  readonly data: Uint8Array[] = []
  readonly controls: Control[] = []
}

/** Two to the power of this many bytes of a topic count as one unit of a turn's work. */
const HEAD_PER_UNIT = 4
const TAIL_PER_UNIT = 8

/**
 * This class applies the subscriptions of peers in the order in which they came, as messages or as commands. Each turn
 * applies only as many as its work allows, because one message may have a million. The others wait for later turns.
 * Messages behind them stay in the pipe, which holds the peer back. A command that has to wait holds it back itself.
 */
export class Requests {
  readonly #handler: RequestHandler
  readonly #left = new Map<Pipe, Left>()
  /** The unfinished messages of many parts have this many parts. */
  #parts = 0
  /** This run stops when the turn has no more than this many units left. */
  #end = 0

  constructor(handler: RequestHandler) {
    this.#handler = handler
  }

  /**
   * Handles a command of the peer. Outside a limited piece of work it is applied at once, because its sender is this very
   * thread, which can't be held back.
   */
  control(pipe: Pipe, control: Control): void {
    if (this.#left.has(pipe)) this.read(pipe)
    if (!this.#left.has(pipe) && (turnWork.left > this.#end || !turnWork.limited)) this.#apply(pipe, control)
    else {
      this.#leave(pipe).controls.push(control)
      pipe.holdBack(true)
    }
  }

  /** Reads the messages of the peer, as far as they are wanted and the turn allows. */
  read(pipe: Pipe): void {
    const left = this.#left.get(pipe)
    if (left !== undefined && !this.#finish(pipe, left)) return
    for (let wanted = true; wanted; ) {
      if (turnWork.left <= this.#end) {
        if (pipe.canRead) this.#leave(pipe)
        return
      }
      const message = pipe.tryRead()
      if (message === undefined) return
      wanted = this.#handler.isData(message) ? this.#handler.take(pipe, message) : this.#begin(pipe, message)
    }
  }

  /** Goes on with what was left; true when there is still more. */
  tidy(): boolean {
    this.#end = turnWork.begin()
    try {
      for (const pipe of [...this.#left.keys()]) {
        if (turnWork.left <= this.#end) break
        this.#readGuarded(pipe)
      }
    } finally {
      this.#end = 0
      turnWork.end()
    }
    return this.#left.size > 0
  }

  /**
   * Drops the work that was left, because the connection has ended. Returns the parts of the unfinished message that are
   * no subscriptions.
   */
  forget(pipe: Pipe): Message {
    const left = this.#left.get(pipe)
    pipe.holdBack(false)
    if (left === undefined) return []
    this.#left.delete(pipe)
    if (left.message === undefined) return []
    this.#parts -= left.message.length
    return [...left.data, ...otherParts(left.message, left.at)]
  }

  /** Reads from the peer in a later turn. An error ends that peer's connection alone, as it does when its bytes come. */
  #readGuarded(pipe: Pipe): void {
    try {
      this.read(pipe)
    } catch (error) {
      this.forget(pipe)
      pipe.fail(fromSystemError(error))
    }
  }

  /** Does the work that was left. Returns false when some is left again, or no more of the pipe is wanted. */
  #finish(pipe: Pipe, left: Left): boolean {
    // The pipe is removed first, because it must be the last in turn if it has to wait again.
    this.#left.delete(pipe)
    const { message, controls } = left
    left.message = undefined
    this.#parts -= message?.length ?? 0
    const wanted = message === undefined || this.#work(pipe, message, left)
    let done = 0
    while (done < controls.length && !this.#left.has(pipe) && turnWork.left > this.#end)
      this.#apply(pipe, controls[done++]!)
    controls.splice(0, done)
    if (controls.length > 0) this.#putBack(pipe, left)
    else pipe.holdBack(false)
    return wanted && !this.#left.has(pipe)
  }

  #begin(pipe: Pipe, message: Message): boolean {
    return this.#work(pipe, message, new Left())
  }

  /** Applies what a message asks for. False when no more of the pipe is wanted, or the turn's work is done. */
  #work(pipe: Pipe, message: Message, left: Left): boolean {
    for (; left.at < message.length; left.at++) {
      if (turnWork.left <= this.#end) {
        this.#keepRest(pipe, message, left)
        return false
      }
      const part = message[left.at]!
      const control = parseSubscription(part)
      if (control === undefined) left.data.push(part)
      else this.#apply(pipe, control)
    }
    const data = left.data.splice(0)
    left.at = 0
    return data.length === 0 || this.#handler.take(pipe, data)
  }

  /** Keeps the rest of a message for a later turn. The connection ends when too many parts are kept of all peers. */
  #keepRest(pipe: Pipe, message: Message, left: Left): void {
    if (this.#parts + message.length > MOST_PARTS_TOGETHER) {
      pipe.fail(protocolError("EMSGSIZE", "unfinished subscriptions of too many parts"))
      return
    }
    this.#parts += message.length
    left.message = message
    this.#putBack(pipe, left)
  }

  #apply(pipe: Pipe, control: Control): void {
    turnWork.spend(unitsOf(control.topic))
    this.#handler.apply(pipe, control)
  }

  #leave(pipe: Pipe): Left {
    const left = this.#left.get(pipe) ?? new Left()
    this.#putBack(pipe, left)
    return left
  }

  #putBack(pipe: Pipe, left: Left): void {
    this.#left.set(pipe, left)
    this.#handler.onLeft()
  }
}

function unitsOf({ length }: Uint8Array): number {
  // A longer one is refused, which takes no time.
  if (length > LONGEST_TOPIC) return 1
  const head = Math.min(length, LONGEST_HEAD)
  return 1 + (head >> HEAD_PER_UNIT) + ((length - head) >> TAIL_PER_UNIT)
}
