import type { Control } from "../contracts/message.ts"
import type { Pipe } from "../contracts/pattern.ts"
import type { InboundOptions } from "./inbound.ts"
import type { Leftovers } from "./leftovers.ts"
import type { OutboundOptions } from "./outbound.ts"

/** A pipe reads these options at each use, because they may change. */
export interface PipeOptions extends OutboundOptions, InboundOptions {
  readonly linger: number
}

/** The socket has these properties for its pipes, and is told their events. */
export interface PipeOwner {
  readonly pipeOptions: PipeOptions
  /** This is the context's option of that name, as it was when the socket was made. */
  readonly blocky: boolean
  /** This counts the unread messages of connections that are gone. */
  readonly leftovers: Leftovers
  connected(pipe: Pipe): void
  disconnected(pipe: Pipe): void
  control(pipe: Pipe, control: Control): void
  readable(pipe: Pipe): void
  writable(pipe: Pipe): void
}
