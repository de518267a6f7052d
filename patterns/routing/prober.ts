import { shared } from "../../src/base/ownership.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pipe } from "../../src/contracts/pattern.ts"

export interface ProbeOptions {
  /** Each connection begins with an empty message, so that a ROUTER peer learns of us (ZMQ_PROBE_ROUTER). */
  readonly probeRouter: boolean
}

const PROBE: Message = shared([Buffer.alloc(0)])

/** Sends the probe of each new connection, ahead of what is sent later. */
export class Prober {
  readonly #options: ProbeOptions
  /** Pipes whose probe waits for their first connection. */
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
