import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { PipeRing } from "./pipe-ring.ts"

/**
 * A load balancer sends to its pipes in turn (zmq_socket(3), "outgoing routing strategy: round-robin"). A pipe that
 * refuses a message leaves the ring, and is added again as the last one when it is writable. So a full pipe costs one
 * attempt, not one per message.
 */
export class LoadBalancer {
  readonly #ready = new PipeRing()
  readonly #full = new Set<Pipe>()

  attach(pipe: Pipe): void {
    if (!this.#full.has(pipe)) this.#ready.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#full.delete(pipe)
    this.#ready.remove(pipe)
  }

  writable(pipe: Pipe): void {
    if (this.#full.delete(pipe)) this.#ready.add(pipe)
  }

  canSend(): boolean {
    const ready = this.#ready
    for (let left = ready.size; left > 0; left--) {
      if (ready.current?.canWrite) return true
      // The pipe stays in the ring, because asking must not change which pipes are tried.
      ready.advance()
    }
    return false
  }

  /** Returns the pipe that has taken the message, or undefined when none has. */
  trySend(message: Message): Pipe | undefined {
    const ready = this.#ready
    for (let pipe = ready.current; pipe !== undefined; pipe = ready.current) {
      if (pipe.tryWrite(message)) {
        ready.advance()
        return pipe
      }
      ready.remove(pipe)
      this.#full.add(pipe)
    }
    return undefined
  }
}
