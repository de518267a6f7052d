import type { ZmqError } from "../base/errors.ts"
import type { GateControl } from "../connections/handshake.ts"
import { upgradeToZmtp } from "../connections/upgrade-to-zmtp.ts"
import type { ByteStream, Connection, LocalPeer, RemotePeer, Role } from "../contracts/connection.ts"
import { examinationsOf } from "./examination.ts"
import { mechanismOf } from "./mechanism-of.ts"
import { PeerGate } from "./peer-gate.ts"
import type { EndpointOptions, EndpointOwner } from "./socket-endpoint.ts"

/** An endpoint shakes hands under these circumstances. */
export interface Circumstances {
  readonly owner: EndpointOwner
  readonly role: Role
  /** Events of the connection have this address. */
  readonly address: string
  readonly signal: AbortSignal
  /** Returns the error that keeps a peer from being taken now. It is undefined when every peer can be taken. */
  readonly conflictOf: ((peer: RemotePeer) => ZmqError | undefined) | undefined
}

/**
 * Makes a ZMTP connection of a new stream, with the mechanism and the examinations that the options ask for. Rejects as
 * {@link upgradeToZmtp} does. This file and what it imports are loaded by load.ts.
 */
export function shakeHands(
  stream: ByteStream,
  local: LocalPeer,
  options: EndpointOptions,
  { owner, role, address, signal, conflictOf }: Circumstances,
): Promise<Connection> {
  const { admission, monitor } = owner
  const delayed = (error: Error) => monitor.emit({ type: "handshake:delay", address, error })
  const mechanism = mechanismOf(options, owner.options.values)
  return upgradeToZmtp(stream, local, options, {
    signal,
    ...(conflictOf !== undefined && {
      openGate: (control: GateControl) => new PeerGate(admission, role, control, conflictOf, delayed),
    }),
    ...(mechanism !== undefined && { mechanism }),
    ...examinationsOf(owner, role, options, stream),
  })
}
