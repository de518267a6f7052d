import { surface } from "../base/runtime.ts"
import type { ConnectionSink, UnreadMessages } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/** Takes what a connection brings. */
export interface ConnectionOwner {
  received(message: Message): void
  requested(control: Control): void
  drained(): void
  writeFailed(): void
  closed(error: Error | undefined, unread: UnreadMessages | undefined): void
  /** What the peer has sent has led to an error: its connection ends with it. */
  broken(error: unknown): void
}

/**
 * The connection's view of a pipe, whatever its transport. No connection is interrupted by what its messages set off.
 * An error that comes from there is a bug of ours. One that the peer's own bytes have led to ends its connection and no
 * more, because no peer may be able to end the process. Any other is thrown where all can see it, as an uncaught
 * exception.
 */
export class PipeSink implements ConnectionSink {
  readonly #pipe: ConnectionOwner

  constructor(pipe: ConnectionOwner) {
    this.#pipe = pipe
  }

  message(message: Message): void {
    try {
      this.#pipe.received(message)
    } catch (error) {
      this.#pipe.broken(error)
    }
  }

  control(control: Control): void {
    try {
      this.#pipe.requested(control)
    } catch (error) {
      this.#pipe.broken(error)
    }
  }

  drain(): void {
    try {
      this.#pipe.drained()
    } catch (error) {
      surface(error)
    }
  }

  writeFailed(): void {
    try {
      this.#pipe.writeFailed()
    } catch (error) {
      surface(error)
    }
  }

  closed(error?: Error, unread?: UnreadMessages): void {
    try {
      this.#pipe.closed(error, unread)
    } catch (thrown) {
      surface(thrown)
    }
  }
}
