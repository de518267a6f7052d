import type { UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Session } from "../zmtp/session.ts"

/**
 * Bytes that are read at most from a peer that takes nothing any more, beyond what is wanted. A peer that is gone has
 * left no more than the system's receive buffer holds. One that isn't, but has shut its reading side, could go on.
 */
export const READ_AHEAD = 8 * 1024 * 1024

/** What a session still holds when its stream has closed. It stays in bytes, and becomes messages one by one. */
export class UnreadInput implements UnreadMessages {
  readonly bytes: number
  readonly #session: Session
  #message: Message | undefined

  /** @param session is paused, and tells take() of its messages */
  constructor(session: Session) {
    this.#session = session
    this.bytes = session.bytes
  }

  next(): Message | undefined {
    this.#session.resume()
    const message = this.#message
    this.#message = undefined
    return message
  }

  /** The session's call from inside next(). */
  take(message: Message): void {
    this.#message = message
    this.#session.pause()
  }
}
