import { afterMicrotasks } from "../base/runtime.ts"
import type { ConnectionSink } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/**
 * Calls a sink and is never interrupted by it: what the sink throws is a bug of ours or of an application, so it
 * is thrown where all can see it, as an uncaught exception, and does no harm to the connection.
 */
export class SafeSink implements ConnectionSink {
  readonly #sink: ConnectionSink

  constructor(sink: ConnectionSink) {
    this.#sink = sink
  }

  message(message: Message): void {
    try {
      this.#sink.message(message)
    } catch (error) {
      surface(error)
    }
  }

  control(control: Control): void {
    try {
      this.#sink.control(control)
    } catch (error) {
      surface(error)
    }
  }

  drain(): void {
    try {
      this.#sink.drain()
    } catch (error) {
      surface(error)
    }
  }

  closed(error?: Error): void {
    try {
      this.#sink.closed(error)
    } catch (thrown) {
      surface(thrown)
    }
  }
}

function surface(error: unknown): void {
  afterMicrotasks(() => {
    throw error
  })
}
