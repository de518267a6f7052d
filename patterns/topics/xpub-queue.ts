import { MANY_PARTS, MOST_PARTS_TOGETHER } from "../../src/base/limits.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import type { FanOutPeer } from "../routing/distributor.ts"
import type { TopicBudget } from "./topic-budget.ts"

/** A notice tells that a peer has subscribed or cancelled. It is received as `01 topic` or `00 topic`. */
export interface Notice {
  readonly type: "subscribe" | "cancel"
  /** The topic is a Latin-1 string, because that takes the least memory. */
  readonly topic: string
  readonly peer: FanOutPeer
  /**
   * With "topic", the topic has got its first subscriber or lost its last one. With "peer", this peer has become a
   * subscriber or is none any more. A notice without a change repeats something that is known.
   */
  readonly changes: "topic" | "peer" | undefined
}

/** A peer has sent a message that is no subscription. */
export interface Data {
  readonly type: "data"
  readonly pipe: Pipe
  readonly message: Message
}

/** Notices may cost this many bytes. A notice costs the length of its topic and COST_PER_NOTICE. */
const NOTICE_BUDGET = 16 * 1024 * 1024
const COST_PER_NOTICE = 128
/** A change that is kept above the budget costs its peer this much, and twice the length of the topic. */
const COST_PER_CHANGE = 256

/**
 * This queue has the notices and data that an XPUB will receive, in order. Subscribers are not held back when the program
 * doesn't receive, so the number of notices needs a bound. Above a budget only changes are kept, and a change is removed
 * when the opposite change follows before it was received. So there are at most as many notices as topics that exist
 * now, or existed according to the notices that the program has received.
 */
export class XPubQueue {
  readonly #budget: number
  readonly #shared: TopicBudget
  /**
   * The key of a notice is a number, or above the budget a string that tells what it changes. The key of data is its pipe,
   * so that each pipe has one entry and all pipes take turns.
   */
  readonly #entries = new Map<number | string | Pipe, Notice | Data>()
  /** Each pipe that has data among the entries has a list of the data that follow. */
  readonly #backlogs = new Map<Pipe, Message[]>()
  /** This is the number of data messages. */
  #data = 0
  /** The data messages have this many parts. */
  #parts = 0
  #reader = this.#entries.entries()
  #count = 0
  #cost = 0
  /**
   * This many changes are kept above the budget. While there is one, all new notices are treated like it, because they
   * would get out of order otherwise.
   */
  #changes = 0

  /**
   * @param shared has the costs of the changes above the budget: they count with the topics of their peer
   * @param budget for notices in general
   */
  constructor(shared: TopicBudget, budget = NOTICE_BUDGET) {
    this.#shared = shared
    this.#budget = budget
  }

  get size(): number {
    return this.#entries.size
  }

  get data(): number {
    return this.#data
  }

  /** True when there is room for a data message of so many parts. One of few parts always has room. */
  hasRoomFor(parts: number): boolean {
    return parts < MANY_PARTS || this.#parts + parts <= MOST_PARTS_TOGETHER
  }

  /** True while data of the pipe is in the queue. */
  holds(pipe: Pipe): boolean {
    return this.#backlogs.has(pipe)
  }

  /**
   * Adds data of a pipe.
   *
   * @param most the data is dropped when more than this many of the pipe are in the queue, because peers may connect and
   *   leave again and again while nobody receives
   */
  deliver(pipe: Pipe, message: Message, most = Number.POSITIVE_INFINITY): void {
    const backlog = this.#backlogs.get(pipe)
    if (backlog !== undefined && backlog.length >= most) return
    this.#data++
    this.#parts += message.length
    if (backlog !== undefined) backlog.push(message)
    else {
      this.#backlogs.set(pipe, [])
      this.#entries.set(pipe, { type: "data", pipe, message })
    }
  }

  /** Drops the data of the pipe. */
  drop(pipe: Pipe): void {
    const backlog = this.#backlogs.get(pipe)
    if (backlog === undefined) return
    this.#data -= 1 + backlog.length
    const first = this.#entries.get(pipe) as Data
    for (const message of [first.message, ...backlog]) this.#parts -= message.length
    this.#backlogs.delete(pipe)
    this.#entries.delete(pipe)
  }

  notify(notice: Notice): void {
    if (this.#changes === 0 && this.#cost < this.#budget) {
      this.#cost += costOf(notice)
      this.#entries.set(++this.#count, notice)
    } else if (notice.changes !== undefined) {
      const subject = subjectOf(notice)
      const opposite = this.#entries.get(subject) as Notice | undefined
      if (opposite !== undefined) {
        this.#entries.delete(subject)
        this.#changed(opposite, -1)
      } else {
        this.#entries.set(subject, notice)
        this.#changed(notice, 1)
      }
    }
  }

  take(): Notice | Data | undefined {
    if (this.#entries.size === 0) return undefined
    let next = this.#reader.next()
    if (next.done) {
      // An iterator that has ended doesn't see later entries, so there is a new one.
      this.#reader = this.#entries.entries()
      next = this.#reader.next()
    }
    if (next.done) return undefined
    const [key, entry] = next.value
    this.#entries.delete(key)
    if (entry.type === "data") {
      this.#data--
      this.#parts -= entry.message.length
      this.#follow(entry.pipe)
    } else if (typeof key === "string") this.#changed(entry, -1)
    else this.#cost -= costOf(entry)
    return entry
  }

  /** There is one change more or less. */
  #changed({ peer, topic }: Notice, by: 1 | -1): void {
    this.#changes += by
    this.#shared.charge(peer, by * (COST_PER_CHANGE + 2 * topic.length))
  }

  /** Adds the pipe's next data as the last entry, because its former data was taken. */
  #follow(pipe: Pipe): void {
    const message = this.#backlogs.get(pipe)?.shift()
    if (message === undefined) this.#backlogs.delete(pipe)
    else this.#entries.set(pipe, { type: "data", pipe, message })
  }
}

function costOf({ topic }: Notice): number {
  return COST_PER_NOTICE + topic.length
}

function subjectOf({ changes, peer, topic }: Notice): string {
  return `${changes === "peer" ? peer.id : ""} ${topic}`
}
