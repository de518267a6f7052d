import type { UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Session } from "../zmtp/session.ts"

/**
 * A paused connection whose peer takes no more bytes reads at most this many bytes ahead. A peer that has gone has left
 * no more than the system's receive buffer holds. A peer that has only closed its reading side could send without end.
 */
export const READ_AHEAD = 8 * 1024 * 1024

/** This is the input that a session still has when its stream is closed. It is parsed one message at a time. */
export class UnreadInput implements UnreadMessages {
  readonly bytes: number
  readonly #session: Session
  #message: Message | undefined

  /** @param session the session, which is paused, and whose messages go to take() */
  constructor(session: Session) {
    this.#session = session
    this.bytes = session.bytes
  }

  next(): Message | undefined {
    this.#session.resume()
    // It has to be found now, whatever the turn's work.
    while (this.#message === undefined && this.#session.resting) this.#session.goOn()
    const message = this.#message
    this.#message = undefined
    return message
  }

  /** The session's messages come here while next() runs. */
  take(message: Message): void {
    this.#message = message
    this.#session.pause()
  }
}
