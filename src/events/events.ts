/** These are the events that `socket.events` tells of a socket's connections (zmq_socket_monitor(3)). */

import type { ProtocolCode } from "../base/errors.ts"

/** An error of the system or of ZeroMQ. */
export interface ErrnoError extends Error {
  /** Programs tell errors apart by this, such as `"ECONNREFUSED"`. */
  code: string
  /** This is the platform's number of the code, as a positive number. */
  errno: number
  /** This says more, for people. */
  reason?: string
}

/** A peer did something wrong on the wire. */
export interface ProtoError extends Error {
  /** Programs tell errors apart by this. */
  code: ProtocolCode
  /** This says more, for people. */
  reason?: string
}

/** A peer was not let in. */
export interface AuthError extends Error {
  /** This is a status code of ZAP (RFC 27): 300 for a temporary error, 400 for a refusal, 500 for an internal error. */
  status: 300 | 400 | 500
}

/** Most events are of an endpoint. */
interface OfEndpoint {
  /** This is the endpoint, scheme included, such as `"tcp://127.0.0.1:5555"`; a bound one where a peer came in. */
  address: string
}

interface WithError<E extends Error> extends OfEndpoint {
  /** This is the reason. */
  error: E
}

interface Retry extends OfEndpoint {
  /** The next attempt begins after this many milliseconds. */
  interval: number
}

interface Stop extends OfEndpoint {
  /** This is the reason. It is missing where a PAIR's peer closed the connection in an orderly way. */
  error?: ErrnoError | ProtoError
}

interface Loss extends OfEndpoint {
  /** This is the reason. It is missing where the peer closed the connection in an orderly way. */
  error?: ErrnoError
}

/** The events by type, with what each tells. */
interface EventDetails {
  /** A peer's connection came in. The address is the local endpoint, as for all events of bound endpoints. */
  accept: OfEndpoint
  /** A connection came in and was refused or could not be taken. */
  "accept:error": WithError<ErrnoError>
  /** Listening on the resolved address. */
  bind: OfEndpoint
  /** An endpoint could not be bound. */
  "bind:error": WithError<ErrnoError>
  /** The transport's connection stands, the handshake follows. */
  connect: OfEndpoint
  /** The transport's connection is being made in the background. */
  "connect:delay": OfEndpoint
  /** The endpoint will be dialled again after so many milliseconds. */
  "connect:retry": Retry
  /** The endpoint will not be dialled again, and is gone. Its messages that were not yet delivered are dropped. */
  "connect:stop": Stop
  /** A listener was closed, or a connection that was never made. (After a failed bind() there is no address.) */
  close: OfEndpoint
  /** A listener could not be closed. */
  "close:error": WithError<ErrnoError>
  /** A connection ended, other than by our own close(), disconnect() or unbind(). */
  disconnect: Loss
  /** The handshake waits until the peer can be taken: with EADDRINUSE, until no other peer has its routing id. */
  "handshake:delay": WithError<ErrnoError>
  /** The handshake is done: messages may flow. */
  handshake: OfEndpoint
  /** The peer broke the protocol, or its socket type doesn't go with ours; `error.code` and `error.reason` tell. */
  "handshake:error:protocol": WithError<ProtoError>
  /** Authentication failed. Not told yet: there are no security mechanisms. */
  "handshake:error:auth": WithError<AuthError>
  /** The connection was lost, or time ran out, before the handshake was done. */
  "handshake:error:other": WithError<ErrnoError>
  /** The socket was closed; nothing follows. */
  end: object
  /** Never; the native package knows it, and programs that tell all types apart name it. */
  unknown: object
}

/** The types of events. */
export type EventType = keyof EventDetails

/** An event of the given type. */
export type EventOfType<T extends EventType = EventType> = {
  [K in T]: {
    /** Programs tell events apart by this. */
    readonly type: K
  } & Readonly<EventDetails[K]>
}[T]

/**
 * An event of any type. The `type` tells which, and what else the event tells.
 *
 * @example
 * ```ts
 * for await (const event of socket.events) {
 *   if (event.type === "disconnect") console.log(`lost ${event.address}`, event.error?.code)
 * }
 * ```
 */
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

/** It tells listeners of events. They are added and removed by type. */
export interface EventSubscriber {
  /** Calls the listener at each event of the type. */
  on<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
  /** Calls the listener no more. */
  off<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
}
