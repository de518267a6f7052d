/**
 * This module is the back-pressure between threads, in memory that both ends of a link share. The receiver writes there
 * how many messages it has taken, and the sender reads that before it waits. Only a waiting sender gets a notice.
 */

import { types } from "node:util"

/** At most this many bytes are on their way untaken. One message may pass the limit, whatever its size. */
const BYTES = 16 * 1024 * 1024

/** Each direction has this many words, because the two directions must not share a cache line of the processor. */
const WORDS = 32
/** This word counts the messages taken so far, modulo 2³². */
const TAKEN = 0
/** This word is 1 while the sender waits for a notice of new credit. */
const WAITING = 1
/** This word says at which count of taken messages the notice is due. */
const DUE = 2
/** This word is 0 until the receiver passes no more messages on to its owner. It is then STOPPED or HAS_ALL. */
const END_OF_TAKING = 3
/** This word counts the messages that the owner has got, once the receiver has STOPPED: those taken since were dropped. */
const PASSED_ON = 4

const STOPPED = 1
const HAS_ALL = 2

/** The receiver writes its count after this many messages, because shared memory is slow. It is a power of two. */
const STEP = 64

const SIZE = 2 * WORDS * 4

/** Makes the shared memory of a new link. */
export function creditMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SIZE)
}

export function isCreditMemory(value: unknown): value is SharedArrayBuffer {
  return types.isSharedArrayBuffer(value) && value.byteLength === SIZE
}

/** Returns the words of one direction, which has the number of the end that sends. */
function wordsOf(memory: SharedArrayBuffer, sender: 0 | 1): Int32Array {
  return new Int32Array(memory, sender * WORDS * 4, WORDS)
}

/** This is the sender's view: how much it may send before the other end has taken it. */
export class Credit {
  readonly #words: Int32Array
  /** This many messages may still be sent. */
  #room: number
  /** These are the bytes and the messages on their way. */
  #weight = 0
  #count = 0
  /** These of them were not posted yet. */
  #spentMessages = 0
  #spentBytes = 0
  /**
   * Holds the posts that the peer has not taken, oldest first, from index #oldest on. The bytes are kept here because
   * the peer reports messages only.
   */
  readonly #posts: { messages: number; readonly bytes: number }[] = []
  #oldest = 0
  /** This many messages were taken when this end looked last. */
  #taken = 0

  /**
   * @param sender the number of the end that sends
   * @param window how many messages may be on their way; 0 for no limit
   */
  constructor(memory: SharedArrayBuffer, sender: 0 | 1, window: number) {
    this.#words = wordsOf(memory, sender)
    this.#room = window || Number.POSITIVE_INFINITY
  }

  /** Returns true when there is credit. Otherwise the peer sends a notice once it has taken half of what is on its way. */
  has(): boolean {
    if (this.#suffices) return true
    this.#look()
    if (this.#suffices) return true
    // The notice is due at half, because the sender must go on before the peer has nothing left.
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

  /** Records that all messages spent since the last call were posted together. */
  posted(): void {
    if (this.#spentMessages === 0) return
    this.#posts.push({ messages: this.#spentMessages, bytes: this.#spentBytes })
    this.#spentMessages = 0
    this.#spentBytes = 0
    this.#look()
  }

  /** This many messages were sent that the other end's owner is not known to have. */
  get untaken(): number {
    this.#look()
    const words = this.#words
    switch (Atomics.load(words, END_OF_TAKING)) {
      case STOPPED:
        return this.#count + Math.max(0, (this.#taken - Atomics.load(words, PASSED_ON)) | 0)
      case HAS_ALL:
        return 0
      default:
        return this.#count
    }
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
      // Here the peer claims that it has taken more than was sent.
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

/** This is the receiver's view: how many messages it has taken. */
export class TakenItems {
  readonly #words: Int32Array
  #count = 0

  constructor(memory: SharedArrayBuffer, sender: 0 | 1) {
    this.#words = wordsOf(memory, sender)
  }

  /** Counts one more message. Returns true when the count should be shown now, even within a large batch. */
  add(): boolean {
    this.#count = (this.#count + 1) | 0
    return (this.#count & (STEP - 1)) === 0
  }

  /** The messages that still come are dropped. They are counted all the same, because the sender needs the credit. */
  stop(): void {
    Atomics.store(this.#words, PASSED_ON, this.#count)
    Atomics.store(this.#words, END_OF_TAKING, STOPPED)
  }

  /** All that was sent has come, and the owner has it, or gets it with the close. */
  hasAll(): void {
    Atomics.store(this.#words, END_OF_TAKING, HAS_ALL)
  }

  /** Writes the count where the sender sees it. Returns true when the sender waits for a notice that is due. */
  show(): boolean {
    const words = this.#words
    Atomics.store(words, TAKEN, this.#count)
    if (Atomics.load(words, WAITING) === 0) return false
    if (((this.#count - Atomics.load(words, DUE)) | 0) < 0) return false
    return Atomics.exchange(words, WAITING, 0) === 1
  }
}
