import type { ConnectionSink, Control, Message } from "../contracts.ts"
import type { SocketPipe } from "./pipe.ts"

/** The connection's view of a pipe. */
export class PipeSink implements ConnectionSink {
  readonly #pipe: SocketPipe

  constructor(pipe: SocketPipe) {
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
