import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { PipeRing } from "./pipe-ring.ts"

/**
 * Round robin over the pipes that take messages (zmq_socket(3), "outgoing routing strategy: round-robin").
 * A pipe that refuses leaves the ring and comes back, as the last one, when it is writable again; so a full or
 * dead peer costs one attempt, not one per message.
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
      // Passed over, not taken out: asking changes nothing that can be seen.
      ready.advance()
    }
    return false
  }

  /** The pipe that took the message; undefined when none did. */
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
