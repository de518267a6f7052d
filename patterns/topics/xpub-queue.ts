import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import type { FanOutPeer } from "../routing/distributor.ts"

/** Somebody subscribed or cancelled; to be received as `01 topic` or `00 topic`. */
export interface Notice {
  readonly type: "subscribe" | "cancel"
  /** As a Latin-1 string, which takes the least memory. */
  readonly topic: string
  readonly peer: FanOutPeer
  /** What it changes, if anything: that there are subscribers to the topic, or that this peer is one. */
  readonly changes: "topic" | "peer" | undefined
}

/** What a peer sent that is no subscription. */
export interface Data {
  readonly type: "data"
  readonly pipe: Pipe
  readonly message: Message
}

/** What notices may take, in bytes: the lengths of their topics, and this much more for each. */
const NOTICE_BUDGET = 16 * 1024 * 1024
const COST_PER_NOTICE = 128

/**
 * What an XPUB is to receive, in order. Peers aren't held back when the program doesn't receive it, so notices could
 * pile up without end. Therefore beyond a budget only changes are kept, and one that is undone before it was received
 * is forgotten with what undoes it. So there are never more than topics that live, or lived when the program was told.
 */
export class Inbox {
  readonly #budget: number
  /** Keys: numbers; beyond the budget, what was changed; for data its pipe, so that all pipes take turns. */
  readonly #entries = new Map<number | string | Pipe, Notice | Data>()
  /** Of the pipes that have data among the entries, what follows it. */
  readonly #backlogs = new Map<Pipe, Message[]>()
  /** How many messages of data there are. */
  #data = 0
  #reader = this.#entries.entries()
  #count = 0
  #cost = 0
  /** How many changes there are beyond the budget. All notices join them until none is left, or order would be lost. */
  #changes = 0

  constructor(budget = NOTICE_BUDGET) {
    this.#budget = budget
  }

  get size(): number {
    return this.#entries.size
  }

  get data(): number {
    return this.#data
  }

  /** True while data of the pipe waits to be taken. */
  holds(pipe: Pipe): boolean {
    return this.#backlogs.has(pipe)
  }

  /** Dropped when so many of the pipe wait already: connections come and go, and nobody receives. */
  deliver(pipe: Pipe, message: Message, most = Number.POSITIVE_INFINITY): void {
    const backlog = this.#backlogs.get(pipe)
    if (backlog !== undefined && backlog.length >= most) return
    this.#data++
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
    this.#backlogs.delete(pipe)
    this.#entries.delete(pipe)
  }

  notify(notice: Notice): void {
    if (this.#changes === 0 && this.#cost < this.#budget) {
      this.#cost += costOf(notice)
      this.#entries.set(++this.#count, notice)
    } else if (notice.changes !== undefined) {
      const subject = subjectOf(notice)
      if (this.#entries.delete(subject)) this.#changes--
      else {
        this.#entries.set(subject, notice)
        this.#changes++
      }
    }
  }

  take(): Notice | Data | undefined {
    if (this.#entries.size === 0) return undefined
    let next = this.#reader.next()
    if (next.done) {
      // What comes after an iterator has ended is seen by a new one only.
      this.#reader = this.#entries.entries()
      next = this.#reader.next()
    }
    if (next.done) return undefined
    const [key, entry] = next.value
    this.#entries.delete(key)
    if (entry.type === "data") {
      this.#data--
      this.#follow(entry.pipe)
    } else if (typeof key === "string") this.#changes--
    else this.#cost -= costOf(entry)
    return entry
  }

  /** The next data of a pipe takes the place of what was taken. */
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
