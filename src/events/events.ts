/** These are the events that `socket.events` tells of a socket's connections (zmq_socket_monitor(3)). */

import type { ProtocolCode } from "../base/protocol-codes.ts"

/** This is an error of the operating system or of ZeroMQ. */
export interface ErrnoError extends Error {
  /** Programs tell errors apart by this, such as `"ECONNREFUSED"`. */
  code: string
  /** This is the platform's number of the code, as a positive number. */
  errno: number
  /** This says more, for people. */
  reason?: string
}

/** A peer has broken the protocol. */
export interface ProtoError extends Error {
  /** Programs tell errors apart by this. */
  code: ProtocolCode
  /** This says more, for people. */
  reason?: string
}

/** A peer was refused. */
export interface AuthError extends Error {
  /** This says more, for people. The peer never learns it. */
  reason?: string
  /** This is a status code of ZAP (RFC 27). 300 is a temporary error, 400 a refusal, and 500 an internal error. */
  status: 300 | 400 | 500
}

/** Most events concern an endpoint. */
interface OfEndpoint {
  /** This is the endpoint with its scheme, such as `"tcp://127.0.0.1:5555"`. For incoming peers it is the bound one. */
  address: string
}

interface WithError<E extends Error> extends OfEndpoint {
  /** This is the reason. */
  error: E
}

/** An authenticator has told these facts about the peer, if anything (see {@link peerOf}). */
interface Introduction extends OfEndpoint {
  /** The program knows the peer by this name. */
  userId?: string
  /** These are further facts. */
  metadata?: Readonly<Record<string, string>>
}

interface Denial extends WithError<AuthError> {
  /** This is the peer's end of the connection, such as `"tcp://192.0.2.1:41234"`. */
  remote: string
}

interface Retry extends OfEndpoint {
  /** The next attempt begins after this many milliseconds. */
  interval: number
}

interface Stop extends OfEndpoint {
  /** This is the reason. It is missing when the peer of a PAIR closed the connection in an orderly way. */
  error?: ErrnoError | ProtoError
}

interface Loss extends OfEndpoint {
  /** This is the reason. It is missing when the peer closed the connection in an orderly way. */
  error?: ErrnoError
}

/** Each type of event has these properties, besides its type. */
interface EventDetails {
  /** A peer has connected. The address is the bound endpoint, as for all events of bound endpoints. */
  accept: OfEndpoint
  /** A connection came in, but was refused or could not be accepted. */
  "accept:error": WithError<ErrnoError>
  /** The socket listens at this address, which is the resolved one. */
  bind: OfEndpoint
  /** An endpoint could not be bound. */
  "bind:error": WithError<ErrnoError>
  /** The transport has made the connection, and the handshake follows. */
  connect: OfEndpoint
  /** The transport makes the connection in the background. */
  "connect:delay": OfEndpoint
  /** The endpoint will be dialled again after `interval` milliseconds. */
  "connect:retry": Retry
  /** The endpoint will not be dialled again, and is removed. Its messages that were not delivered yet are dropped. */
  "connect:stop": Stop
  /** A listener was closed, or an attempt to connect was given up. After a failed bind() there is no address. */
  close: OfEndpoint
  /** A listener could not be closed. */
  "close:error": WithError<ErrnoError>
  /** A connection has ended, other than by our own close(), disconnect() or unbind(). */
  disconnect: Loss
  /** The handshake waits until the peer can be taken. With EADDRINUSE it waits until no other peer has its routing id. */
  "handshake:delay": WithError<ErrnoError>
  /** The handshake is done, and messages can be sent. */
  handshake: Introduction
  /** The peer has broken the protocol, or its socket type doesn't go with ours. See `error.code` and `error.reason`. */
  "handshake:error:protocol": WithError<ProtoError>
  /** We have refused the peer, or it has refused us. The latter is not dialled again. */
  "handshake:error:auth": Denial
  /** The connection was lost, or time ran out, before the handshake was done. */
  "handshake:error:other": WithError<ErrnoError>
  /** The socket was closed, and no event follows. */
  end: object
  /** This event never occurs. It is here because the native package has it, and programs may name it. */
  unknown: object
}

/** These are the types of events. */
export type EventType = keyof EventDetails

/** This is an event of the given type. */
export type EventOfType<T extends EventType = EventType> = {
  [K in T]: {
    /** Programs tell events apart by this. */
    readonly type: K
  } & Readonly<EventDetails[K]>
}[T]

/**
 * This is an event of any type. Its `type` tells which one, and so which other properties it has.
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

/** The library reports events in this form. The type of an error is less exact, and an address may be missing. */
export type ReportedEvent =
  | Exclude<
      { [T in EventType]: { readonly type: T } & Readonly<Reported<EventDetails[T]>> }[EventType],
      { type: "close" }
    >
  | { readonly type: "close"; readonly address?: string }

/** An event subscriber calls listeners at events. They are added and removed by the type of event. */
export interface EventSubscriber {
  /** Calls the listener at each event of the type. */
  on<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
  /** Stops calling the listener at events of the type. */
  off<T extends EventType>(type: T, listener: (event: EventOfType<T>) => void): EventSubscriber
}
