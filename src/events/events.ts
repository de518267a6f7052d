/** What `socket.events` tells of a socket's connections (zmq_socket_monitor(3)). */

import type { ProtocolCode } from "../base/errors.ts"

/** An error of the system or of ZeroMQ; `reason` says more, for people. */
export interface ErrnoError extends Error {
  code: string
  errno: number
  reason?: string
}

/** What a peer did wrong on the wire. */
export interface ProtoError extends Error {
  code: ProtocolCode
  reason?: string
}

/** Why a peer was not let in: a status code as of ZAP, RFC 27. */
export interface AuthError extends Error {
  status: 300 | 400 | 500
}

interface EventDetails {
  /** A peer's connection came in. The address is the local endpoint, as for all events of bound endpoints. */
  accept: { address: string }
  /** A connection came in and was refused or could not be taken. */
  "accept:error": { address: string; error: ErrnoError }
  /** Listening on the resolved address. */
  bind: { address: string }
  "bind:error": { address: string; error: ErrnoError }
  /** The transport's connection stands, the handshake follows. */
  connect: { address: string }
  /** The transport's connection is being made in the background. */
  "connect:delay": { address: string }
  /** The endpoint will be dialled again after so many milliseconds. */
  "connect:retry": { address: string; interval: number }
  /** A listener was closed, or a connection that was never made. (After a failed bind() there is no address.) */
  close: { address: string }
  "close:error": { address: string; error: ErrnoError }
  /** A connection ended, other than by our own close(), disconnect() or unbind(). */
  disconnect: { address: string; error?: ErrnoError }
  /** The handshake is done: messages may flow. */
  handshake: { address: string }
  /** The peer broke the protocol, or its socket type doesn't go with ours; `error.code` and `error.reason` tell. */
  "handshake:error:protocol": { address: string; error: ProtoError }
  /** Authentication failed. Not told yet: there are no security mechanisms. */
  "handshake:error:auth": { address: string; error: AuthError }
  /** The connection was lost, or time ran out, before the handshake was done. */
  "handshake:error:other": { address: string; error: ErrnoError }
  /** The socket was closed; nothing follows. */
  end: object
  /** Never; the native package knows it, and programs that tell all types apart name it. */
  unknown: object
}

export type EventType = keyof EventDetails

/** An event of the given type. */
export type EventOfType<T extends EventType = EventType> = {
  [K in T]: { readonly type: K } & Readonly<EventDetails[K]>
}[T]

export type Event = EventOfType

type Reported<D> = {
  [K in keyof D]: K extends "error" ? Error : D[K]
}

/** An event as it is told by those who know less of the error, or of the address. */
export type ReportedEvent =
  | Exclude<
      { [T in EventType]: { readonly type: T } & Readonly<Reported<EventDetails[T]>> }[EventType],
      { type: "close" }
    >
  | { readonly type: "close"; readonly address?: string }

/** Tells listeners of events; they are added and removed by type. */
export interface EventSubscriber {
  on<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
  off<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
}
