import type { BaseContext } from "../context/context.ts"
import type { LocalPeer } from "../contracts/connection.ts"
import type { TransportOptions } from "../contracts/transport.ts"
import type { Monitor } from "../events/observer.ts"
import type { OptionValues } from "../options/table.ts"
import type { SocketPipe } from "../pipes/pipe.ts"
import type { PipeOwner } from "../pipes/pipe-owner.ts"
import type { Admission } from "./admission.ts"

/** The socket is told of the pipes that its endpoints make. */
export interface PipeHost extends PipeOwner {
  attach(pipe: SocketPipe): void
  detach(pipe: SocketPipe): void
}

/** Dialers and binders use these properties of their socket. */
export interface EndpointOwner {
  readonly pipes: PipeHost
  readonly admission: Admission
  readonly monitor: Monitor
  /** These are the values as they are now. */
  readonly options: { readonly values: Readonly<OptionValues> }
  /** Undefined once closed. */
  readonly context: BaseContext | undefined
  /** The endpoint has ended, with all its connections. */
  ended(endpoint: SocketEndpoint): void
}

/** unbind() keeps messages that were not received yet; disconnect() and close() drop them. */
export type Unread = "kept" | "dropped"

/** An endpoint is one bind() or connect(), from the call until all its connections have ended. */
export interface SocketEndpoint {
  /** This is the resolved address of a bind(), or the given one of a connect(). */
  readonly address: string
  /**
   * Stops listening or dialling. Resolves when the address is free again, and never rejects. Connections go on until their
   * messages are delivered or the linger time is over, and then ended() is called.
   *
   * @param linger milliseconds; -1 for no limit
   */
  close(linger: number, unread: Unread): Promise<void>
  /** The linger time is over. This is called after close(). */
  giveUp(): void
  /** This many messages were given up since close(). A message for several peers counts once for each. */
  readonly left: number
}

/** bind() and connect() copy the options as they are then. */
export type EndpointOptions = Readonly<OptionValues> & TransportOptions

/** Returns what we tell the peer about ourselves, by the options of this bind() or connect(). */
export function localPeer(owner: EndpointOwner, options: EndpointOptions): LocalPeer {
  const { name, tellsRoutingId } = owner.admission.type
  return { socketType: name, routingId: options.routingId, tellsRoutingId }
}
