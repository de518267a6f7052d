import type { Transport } from "../src/contracts/transport.ts"
import type { Layer } from "./tcp/layer.ts"
import { type Lookup, lookupBySystem } from "./tcp/resolve.ts"
import { tcpTransport } from "./tcp/transport.ts"

export type { Lookup } from "./tcp/resolve.ts"

/** Options of {@link tcp}. */
export interface TcpOptions {
  /**
   * Resolves host names. It is called at each bind and at each attempt to connect.
   *
   * @defaultValue the operating system's getaddrinfo(3)
   */
  readonly lookup?: Lookup
}

const NO_LAYER: Layer = { scheme: "tcp", dialled: stream => stream, accepted: stream => stream }

/**
 * This is the transport `tcp://` (zmq_tcp(7)), over node:net.
 *
 * A dial tries every address of a name in order, and the connect timeout is divided among them. A connect under way and
 * a name look-up keep the process running until they end, because Node offers no way to prevent that.
 *
 * @example
 * ```ts
 * import { lookup } from "node:dns/promises"
 * const fresh = tcp({ lookup: (name, family) => lookup(name, { family, all: true }) })
 * const context = new Context({ transports: [inproc(), fresh] })
 * ```
 */
export function tcp(options: TcpOptions = {}): Transport {
  return tcpTransport(NO_LAYER, options.lookup ?? lookupBySystem)
}
