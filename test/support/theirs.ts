import type { Peer } from "./peer.ts"

/** Parts as text, and as the peer process wants them. */
export const texts = (parts: readonly Uint8Array[]): string[] =>
  parts.map(part => Buffer.from(part).toString())
export const base64 = (parts: readonly (string | Uint8Array)[]): string[] =>
  parts.map(part => Buffer.from(part).toString("base64"))

/** A socket of a peer process, spoken to in text. */
export class Theirs {
  private constructor(
    readonly peer: Peer,
    readonly name: string,
  ) {}

  static async open(peer: Peer, type: string, options: object = {}): Promise<Theirs> {
    return new Theirs(peer, await peer.call("open", type, { linger: 0, ...options }))
  }

  async connect(endpoint: string): Promise<this> {
    await this.peer.call("connect", this.name, endpoint)
    return this
  }

  async bind(endpoint: string): Promise<this> {
    await this.peer.call("bind", this.name, endpoint)
    return this
  }

  send(...parts: string[]): Promise<void> {
    return this.peer.call("send", this.name, base64(parts))
  }

  async receive(): Promise<string[]> {
    const parts = await this.peer.call("receive", this.name)
    return parts.map(part => Buffer.from(part, "base64").toString())
  }

  close(): Promise<void> {
    return this.peer.call("close", this.name)
  }
}
