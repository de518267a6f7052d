import type { ZmqError } from "../base/errors.ts"
import type { RemotePeer } from "../contracts/connection.ts"
import type { Control, Message } from "../contracts/message.ts"

/** A session reports what it finds in the bytes to a sink. The sink may pause, resume or stop the session. */
export interface SessionSink {
  /** Is called when the session itself has put bytes into its `outgoing`. */
  output(): void
  ready(peer: RemotePeer): void
  message(message: Message): void
  /** Is called when the peer subscribes to a topic, or cancels that. */
  requested(control: Control): void
  /** Is called for a PING: the peer must hear from us within this many milliseconds. */
  pinged(timeToLive: number): void
  /** Is called for a PONG, with the context of the PING that it answers. */
  ponged(context: Uint8Array): void
  /** Is called when the peer broke the protocol, or its bytes led to an error of ours. Nothing follows. */
  failed(error: ZmqError): void
  /** We refuse the peer. What is in `outgoing` still goes out. Nothing follows. */
  refused(error: Error): void
  /** The turn's work is done: nothing follows until a call of its goOn(), which is due in a later turn. */
  exhausted(): void
}
