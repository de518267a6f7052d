/**
 * Back-pressure between threads, in memory that both ends of a link share: the receiver notes there how much it has
 * taken, and the sender looks there before it waits. Only a sender that waits is told.
 */

import { types } from "node:util"

/** Most bytes on their way that the peer hasn't taken; one message is let through whatever its size. */
const BYTES = 16 * 1024 * 1024

/** Words for each direction; so many that the two don't share a line of the processor's cache. */
const WORDS = 32
/** Messages taken so far, modulo 2³². */
const TAKEN = 0
/** 1 while the sender waits to be told of new credit. */
const WAITING = 1
/** It is due when so many are taken. */
const DUE = 2

/** Messages after which the receiver notes what it has taken, a power of two: shared memory is slower than other. */
const STEP = 64

const SIZE = 2 * WORDS * 4

/** The memory of a new link. */
export function creditMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SIZE)
}

export function isCreditMemory(value: unknown): value is SharedArrayBuffer {
  return types.isSharedArrayBuffer(value) && value.byteLength === SIZE
}

/** Each direction has the number of the end that sends. */
function wordsOf(memory: SharedArrayBuffer, sender: 0 | 1): Int32Array {
  return new Int32Array(memory, sender * WORDS * 4, WORDS)
}

/** How much one end of a link may send before the other has taken it. */
export class Credit {
  readonly #words: Int32Array
  /** Messages that may still be sent. */
  #room: number
  /** Bytes on their way, and messages. */
  #weight = 0
  #count = 0
  /** Of these, not yet posted. */
  #spentMessages = 0
  #spentBytes = 0
  /** What was posted and not yet taken, oldest first, from #oldest on. The peer tells of messages; their bytes stand here. */
  readonly #posts: { messages: number; readonly bytes: number }[] = []
  #oldest = 0
  /** As many were taken when this end looked last. */
  #taken = 0

  /** @param window in messages; 0 for no limit */
  constructor(memory: SharedArrayBuffer, sender: 0 | 1, window: number) {
    this.#words = wordsOf(memory, sender)
    this.#room = window || Number.POSITIVE_INFINITY
  }

  /** True when there is credit; else the peer tells when it has taken half of what is on its way. */
  has(): boolean {
    if (this.#suffices) return true
    this.#look()
    if (this.#suffices) return true
    // At half, so that the sender goes on before the peer runs dry.
    Atomics.store(this.#words, DUE, (this.#taken + Math.ceil(this.#count / 2)) | 0)
    Atomics.store(this.#words, WAITING, 1)
    this.#look()
    return this.#suffices
  }

  spend(bytes: number): void {
    this.#room--
    this.#count++
    this.#weight += bytes
    this.#spentMessages++
    this.#spentBytes += bytes
  }

  /** What was spent since the last time goes out as one. */
  posted(): void {
    if (this.#spentMessages === 0) return
    this.#posts.push({ messages: this.#spentMessages, bytes: this.#spentBytes })
    this.#spentMessages = 0
    this.#spentBytes = 0
    this.#look()
  }

  get #suffices(): boolean {
    return this.#room > 0 && this.#weight < BYTES
  }

  #look(): void {
    const taken = Atomics.load(this.#words, TAKEN)
    const messages = (taken - this.#taken) | 0
    if (messages === 0) return
    this.#taken = taken
    this.#room += messages
    this.#count -= messages
    for (let left = messages; left > 0; ) {
      const post = this.#posts[this.#oldest]
      // The peer says that it has taken more than it was sent.
      if (post === undefined) break
      const count = Math.min(left, post.messages)
      post.messages -= count
      left -= count
      if (post.messages > 0) break
      this.#weight -= post.bytes
      this.#oldest++
    }
    if (this.#oldest === this.#posts.length) this.#oldest = this.#posts.length = 0
    else if (this.#oldest * 2 > this.#posts.length) this.#oldest -= this.#posts.splice(0, this.#oldest).length
  }
}

/** The other end's side of it: what it has taken. */
export class Taken {
  readonly #words: Int32Array
  #count = 0

  constructor(memory: SharedArrayBuffer, sender: 0 | 1) {
    this.#words = wordsOf(memory, sender)
  }

  /** One more message. True when it is time to show it, even in the midst of many. */
  add(): boolean {
    this.#count = (this.#count + 1) | 0
    return (this.#count & (STEP - 1)) === 0
  }

  /** Lets the sender see it. True when it waits to be told, and that is due. */
  show(): boolean {
    const words = this.#words
    Atomics.store(words, TAKEN, this.#count)
    if (Atomics.load(words, WAITING) === 0) return false
    if (((this.#count - Atomics.load(words, DUE)) | 0) < 0) return false
    return Atomics.exchange(words, WAITING, 0) === 1
  }
}
