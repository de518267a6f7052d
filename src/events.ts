/** What `socket.events` tells of a socket's connections (zmq_socket_monitor(3)). */

interface EventDetails {
  /** A peer's connection came in. The address is the local endpoint, as for all events of bound endpoints. */
  accept: { address: string }
  /** A connection came in and was refused or could not be taken. */
  "accept:error": { address: string; error: Error }
  /** Listening on the resolved address. */
  bind: { address: string }
  "bind:error": { address: string; error: Error }
  /** The transport's connection stands, the handshake follows. */
  connect: { address: string }
  /** The transport's connection is being made in the background. */
  "connect:delay": { address: string }
  /** The endpoint will be dialled again after so many milliseconds. */
  "connect:retry": { address: string; interval: number }
  /** A listener was closed, or a connection that was never made. */
  close: { address?: string }
  "close:error": { address: string; error: Error }
  /** A connection ended, other than by our own close(), disconnect() or unbind(). */
  disconnect: { address: string; error?: Error }
  /** The handshake is done: messages may flow. */
  handshake: { address: string }
  /** The peer broke the protocol, or its socket type doesn't go with ours; `error.code` and `error.reason` tell. */
  "handshake:error:protocol": { address: string; error: Error }
  /** The connection was lost, or time ran out, before the handshake was done. */
  "handshake:error:other": { address: string; error: Error }
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
