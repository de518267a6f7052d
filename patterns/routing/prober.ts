import { shared } from "../../src/base/ownership.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

export interface ProbeOptions {
  /** True when each connection begins with an empty message, so that a ROUTER knows us (ZMQ_PROBE_ROUTER). */
  readonly probeRouter: boolean
}

const PROBE: Message = shared([Buffer.alloc(0)])

/** A prober sends an empty message on each new connection, before all other messages. */
export class Prober {
  readonly #options: ProbeOptions
  /** In these pipes a probe waits for the first connection. */
  readonly #early = new Set<Pipe>()

  constructor(options: ProbeOptions) {
    this.#options = options
  }

  attach(pipe: Pipe): void {
    if (this.#options.probeRouter && !this.#early.has(pipe) && pipe.tryWrite(PROBE)) this.#early.add(pipe)
  }

  connected(pipe: Pipe): void {
    if (!this.#early.delete(pipe) && this.#options.probeRouter) pipe.tryWrite(PROBE)
  }

  detach(pipe: Pipe): void {
    this.#early.delete(pipe)
  }
}
