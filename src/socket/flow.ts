import { isTakenByPeers } from "../base/message-size.ts"
import { shared } from "../base/ownership.ts"
import type { Message } from "../contracts/message.ts"
import type { SocketCore } from "./socket-core.ts"

/** A socket of raw bytes that is sent no bytes closes the connection. */
const NOTHING = new Uint8Array(0)

/** A flow uses these properties of a socket. */
type End = Pick<SocketCore, "pattern" | "traffic" | "type">

/**
 * A flow moves the messages of one direction. It drops a message that is too large to be sent. That happens when a ROUTER
 * adds a routing id to a message of the largest size.
 */
export class Flow {
  readonly #from: End
  readonly #to: End
  readonly #capture: End | undefined
  /** Holds a message that was read and then refused. One socket at both ends shows its room only by trying. */
  #inHand: Message | undefined

  constructor(from: End, to: End, capture: End | undefined) {
    this.#from = from
    this.#to = to
    this.#capture = capture
  }

  /** Moves up to `most` messages, and returns how many it moved. */
  move(most: number): number {
    let moved = 0
    while (moved < most && this.#moveOne()) moved++
    return moved
  }

  #moveOne(): boolean {
    const message = this.#inHand ?? this.#read()
    if (message === undefined) return false
    const done = this.#pass(message)
    this.#inHand = done ? undefined : message
    return done
  }

  /** Passes a message on. Returns false when it has to wait. A message that can never be sent is dropped. */
  #pass(message: Message): boolean {
    const { pattern, traffic, type } = this.#to
    if (!isTakenByPeers(message, type)) return this.#drop(message)
    if (pattern.addressee?.(message) === undefined)
      return pattern.trySend(message) || pattern.refusal("send", message) !== "EAGAIN"
    try {
      if (traffic.trySend(message)) return true
    } catch {
      return this.#drop(message)
    }
    // The addressee's queue is full. The message waits in a queue of its own, because other peers must not wait for this one.
    traffic.send(message).catch(() => this.#drop(message))
    return true
  }

  /**
   * Drops a message. The connection of a STREAM is closed when bytes for it are dropped, because none may follow them. Other
   * types lose whole messages.
   */
  #drop([id, ...bytes]: Message): true {
    const { pattern, type } = this.#to
    if (type.wire === "raw" && id !== undefined && bytes.length > 0) pattern.trySend([id, NOTHING])
    return true
  }

  #read(): Message | undefined {
    // With one socket at both ends the room isn't checked first, because a REP can send only after it has received.
    const room = this.#to === this.#from || this.#to.pattern.canSend()
    const capture = this.#capture
    if (!room || capture?.pattern.canSend() === false) return undefined
    const message = this.#from.pattern.tryReceive()
    if (message === undefined || capture === undefined) return message
    const each = shared(message)
    if (isTakenByPeers(each, capture.type)) capture.pattern.trySend(each)
    return each
  }
}
