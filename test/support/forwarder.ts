/** A subscription forwarder of plain loops, for sockets of either library. */

interface Both {
  send(parts: Buffer[]): Promise<void>
  receive(): Promise<Buffer[]>
  readonly closed: boolean
}

export class Forwarder {
  /** Messages that have gone down, and subscriptions that have gone up. */
  down = 0
  up = 0

  constructor(xsub: Both, xpub: Both) {
    void this.#pass(xsub, xpub, () => this.down++)
    void this.#pass(xpub, xsub, () => this.up++)
  }

  /** Ends with either socket. */
  async #pass(from: Both, to: Both, count: () => void): Promise<void> {
    try {
      for (;;) {
        const parts = await from.receive()
        count()
        await to.send(parts)
      }
    } catch (error) {
      if (!from.closed && !to.closed) throw error
    }
  }
}
