import type { Message } from "../src/contracts/message.ts"
import type { Pattern, Pipe } from "../src/contracts/pattern.ts"

/**
 * A PAIR exchanges messages with one peer (zmq_socket(3), RFC 31). The core admits one peer at a time. Unread messages of
 * earlier peers are received first.
 */
export class PairPattern implements Pattern {
  #peer: Pipe | undefined
  /** These pipes are read, the oldest first. All but the present peer's are detached. */
  readonly #sources: Pipe[] = []

  attach(pipe: Pipe): void {
    if (this.#peer !== undefined) return
    this.#peer = pipe
    this.#sources.push(pipe)
  }

  detach(pipe: Pipe): void {
    if (this.#peer !== pipe) return
    this.#peer = undefined
    if (!pipe.canRead) this.#forget(pipe)
  }

  /** Reads on what a former peer has left, although there was nothing to read for some time. */
  readable(pipe: Pipe): void {
    if (pipe.readsLeftovers && !this.#sources.includes(pipe)) this.#sources.unshift(pipe)
  }

  writable(): void {}

  canSend(): boolean {
    return this.#peer?.canWrite ?? false
  }

  canReceive(): boolean {
    for (let pipe = this.#sources[0]; pipe !== undefined; pipe = this.#sources[0]) {
      if (pipe.canRead) return true
      if (pipe === this.#peer) return false
      this.#forget(pipe)
    }
    return false
  }

  trySend(message: Message): boolean {
    return this.#peer?.tryWrite(message) ?? false
  }

  tryReceive(): Message | undefined {
    for (let pipe = this.#sources[0]; pipe !== undefined; pipe = this.#sources[0]) {
      const message = pipe.tryRead()
      if (message !== undefined || pipe === this.#peer) return message
      this.#forget(pipe)
    }
    return undefined
  }

  refusal(): "EAGAIN" {
    return "EAGAIN"
  }

  #forget(pipe: Pipe): void {
    const at = this.#sources.indexOf(pipe)
    if (at >= 0) this.#sources.splice(at, 1)
  }
}
