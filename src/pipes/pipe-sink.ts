import { surface } from "../base/runtime.ts"
import type { ConnectionSink } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/** Takes what a connection brings. */
export interface ConnectionOwner {
  received(message: Message): void
  requested(control: Control): void
  drained(): void
  closed(error: Error | undefined): void
}

/**
 * The connection's view of a pipe, whatever its transport. No connection is interrupted by what its messages set off.
 * An error that comes from there is a bug, ours or an application's. It is thrown where all can see it, as an uncaught
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
      surface(error)
    }
  }

  control(control: Control): void {
    try {
      this.#pipe.requested(control)
    } catch (error) {
      surface(error)
    }
  }

  drain(): void {
    try {
      this.#pipe.drained()
    } catch (error) {
      surface(error)
    }
  }

  closed(error?: Error): void {
    try {
      this.#pipe.closed(error)
    } catch (thrown) {
      surface(thrown)
    }
  }
}
