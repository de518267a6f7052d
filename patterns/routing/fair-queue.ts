import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { PipeRing } from "./pipe-ring.ts"

/**
 * A fair queue reads one whole message of each pipe in turn (zmq_socket(3), "incoming routing strategy: fair-queued"). A
 * pipe that becomes readable is the last in turn. A detached pipe keeps its turns until it is empty.
 */
export class FairQueue {
  readonly #readable = new PipeRing()
  #source: Pipe | undefined

  /** The last message came from this pipe. It is undefined when that pipe was detached since. */
  get source(): Pipe | undefined {
    return this.#source
  }

  attach(pipe: Pipe): void {
    if (pipe.canRead) this.#readable.add(pipe)
  }

  readable(pipe: Pipe): void {
    this.#readable.add(pipe)
  }

  detach(pipe: Pipe): void {
    if (this.#source === pipe) this.#source = undefined
    if (pipe.canRead) this.#readable.add(pipe)
    else this.#readable.remove(pipe)
  }

  canReceive(): boolean {
    const readable = this.#readable
    for (let pipe = readable.current; pipe !== undefined; pipe = readable.current) {
      if (pipe.canRead) return true
      readable.remove(pipe)
    }
    return false
  }

  tryReceive(): Message | undefined {
    const readable = this.#readable
    for (let pipe = readable.current; pipe !== undefined; pipe = readable.current) {
      const message = pipe.tryRead()
      if (message !== undefined) {
        // A pipe that is empty now stays for one more turn, because new messages often arrive before that.
        readable.advance()
        this.#source = pipe
        return message
      }
      readable.remove(pipe)
    }
    return undefined
  }
}
