/** Sessions of this many servers are kept; the one that was stored first is dropped for another. */
const LIMIT = 100

/** The last TLS session with each server. With it the next handshake needs no certificates (RFC 8446, 2.2). */
export class Sessions {
  readonly #all = new Map<string, Buffer>()

  get(server: string): Buffer | undefined {
    return this.#all.get(server)
  }

  set(server: string, session: Buffer): void {
    this.#all.delete(server)
    this.#all.set(server, session)
    const [oldest] = this.#all.keys()
    if (this.#all.size > LIMIT && oldest !== undefined) this.#all.delete(oldest)
  }

  delete(server: string): void {
    this.#all.delete(server)
  }
}
