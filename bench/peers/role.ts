import { setImmediate as nextTurn } from "node:timers/promises"

/** What the packages have in common, as the types of ours. */
export type Package = typeof import("zeromq-ts")

export interface Parameters {
  readonly api: "await" | "try"
  /** Bytes of a part. */
  readonly size: number
  /** Parts of a message. */
  readonly parts: number
  /** Sockets or connections. */
  readonly count: number
  readonly subscriptions: number
  /** "" for no security, "default" for CURVE as it is, or else the provider of its boxes. */
  readonly curve: string
}

/** What is done on each order; the argument is text. The result, as JSON, is the answer. */
export type Orders = Readonly<Record<string, (argument: string) => unknown>>

/** What a process is to be. */
export type Role = (from: Package, parameters: Parameters) => Orders

/** CPU seconds of this process, all its threads included, since the last call. */
export function cpuMeter(): () => number {
  let last = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(last)
    last = process.cpuUsage()
    return (user + system) / 1e6
  }
}

/** Resident bytes, after the garbage is out. */
export async function residentBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc!()
    await nextTurn()
  }
  return process.memoryUsage.rss()
}

/** Binds, and says where. */
export function bindOrder(socket: { bind(address: string): Promise<void>; lastEndpoint: string | null }) {
  return async (address: string): Promise<string | null> => {
    await socket.bind(address)
    return socket.lastEndpoint
  }
}

export function lengths(parts: readonly Uint8Array[]): string {
  return `[${parts.map(part => part.length).join(", ")}] bytes`
}
