import type { ConnectionSink } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/** Takes what a connection brings. */
export interface ConnectionOwner {
  received(message: Message): void
  requested(control: Control): void
  drained(): void
  closed(error: Error | undefined): void
}

/** The connection's view of a pipe. */
export class PipeSink implements ConnectionSink {
  readonly #pipe: ConnectionOwner

  constructor(pipe: ConnectionOwner) {
    this.#pipe = pipe
  }

  message(message: Message): void {
    this.#pipe.received(message)
  }

  control(control: Control): void {
    this.#pipe.requested(control)
  }

  drain(): void {
    this.#pipe.drained()
  }

  closed(error?: Error): void {
    this.#pipe.closed(error)
  }
}
