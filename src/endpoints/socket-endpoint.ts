import type { LocalPeer } from "../contracts/connection.ts"
import type { TransportOptions } from "../contracts/transport.ts"
import type { Monitor } from "../events/observer.ts"
import type { OptionValues } from "../options/table.ts"
import type { SocketPipe } from "../pipes/pipe.ts"
import type { PipeOwner } from "../pipes/pipe-owner.ts"
import type { Admission } from "./admission.ts"

/** The socket, as its endpoints see it, which make the pipes. */
export interface PipeHost extends PipeOwner {
  attach(pipe: SocketPipe): void
  detach(pipe: SocketPipe): void
}

/** What dialers and binders need of their socket. */
export interface EndpointOwner {
  readonly pipes: PipeHost
  readonly admission: Admission
  readonly monitor: Monitor
  /** The endpoint is over: nothing of it is left. */
  ended(endpoint: SocketEndpoint): void
}

/** What becomes of messages that have come in and were not received: unbind() keeps them, disconnect() and close() don't. */
export type Unread = "kept" | "dropped"

/** One bind() or connect(), from the call until nothing of it is left. */
export interface SocketEndpoint {
  /** The resolved endpoint of a bind(), the given one of a connect(). */
  readonly address: string
  /**
   * Stops; resolves when the name is free again. Never rejects. Connections go on until their messages are delivered or
   * the linger time (ms, -1 for ever) is over; then comes ended().
   */
  close(linger: number, unread: Unread): Promise<void>
  /** After close(): the linger time is over. */
  giveUp(): void
  /** How many messages were given up since close(), those to several peers counted for each. */
  readonly left: number
}

/** The options as they are now: what bind() and connect() copy. */
export type EndpointOptions = Readonly<OptionValues> & TransportOptions

/** Who we are, by the options of this bind() or connect(). */
export function localPeer(owner: EndpointOwner, options: EndpointOptions): LocalPeer {
  const { name, tellsRoutingId } = owner.admission.type
  return { socketType: name, routingId: options.routingId, tellsRoutingId }
}
