import { surface } from "../base/runtime.ts"
import type { ConnectionSink, UnreadMessages } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/** The owner of a connection handles its messages and events. */
export interface ConnectionOwner {
  received(message: Message): void
  requested(control: Control): void
  drained(): void
  writeFailed(): void
  closed(error: Error | undefined, unread: UnreadMessages | undefined): void
  /** The peer's message or control has led to an error, so that its connection must end. */
  broken(error: unknown): void
}

/**
 * A pipe sink passes the calls of a connection on to its pipe, and catches errors. Such an error is a bug of ours. If a
 * message or control of the peer has led to it, only that connection ends, because no peer may be able to end the process.
 * Any other error is thrown later as an uncaught exception, so that it is seen and the connection is not interrupted.
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
