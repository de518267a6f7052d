import type { UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Session } from "../zmtp/session.ts"

/**
 * A paused connection whose peer takes no more bytes reads at most this many bytes ahead. A peer that has gone has left
 * no more than the system's receive buffer holds. A peer that has only closed its reading side could send without end.
 */
export const READ_AHEAD = 8 * 1024 * 1024

/**
 * This is the input that a session still has when its stream is closed. It is parsed one message at a time, as far as a
 * turn's work allows.
 */
export class UnreadInput implements UnreadMessages {
  readonly bytes: number
  readonly #session: Session
  #message: Message | undefined

  /** @param session the session, which is paused, and whose messages go to take() */
  constructor(session: Session) {
    this.#session = session
    this.bytes = session.bytes
  }

  /** True when the session waits for a later turn, in which next() goes on. */
  get postponed(): boolean {
    return this.#session.resting
  }

  next(): Message | undefined {
    const goesOn = this.#session.resting
    this.#session.resume()
    if (goesOn) this.#session.goOn()
    const message = this.#message
    this.#message = undefined
    if (message === undefined && this.#session.idle) this.#session.stop()
    return message
  }

  /** The session's messages come here while next() runs. */
  take(message: Message): void {
    this.#message = message
    this.#session.pause()
  }
}

/** Returns the input that a session still has. A session without any is stopped. */
export function unreadOf(session: Session): UnreadInput | undefined {
  if (!session.idle) return new UnreadInput(session)
  session.stop()
  return undefined
}
