import type { Control } from "../contracts/message.ts"
import type { Pipe } from "../contracts/pattern.ts"
import type { InboundOptions } from "./inbound.ts"
import type { Leftovers } from "./leftovers.ts"
import type { OutboundOptions } from "./outbound.ts"

/** The options that a pipe looks at, live. */
export interface PipeOptions extends OutboundOptions, InboundOptions {
  readonly linger: number
}

/** The socket, as its pipes see it. */
export interface PipeOwner {
  readonly pipeOptions: PipeOptions
  /** The context's, as it was when the socket was made. */
  readonly blocky: boolean
  /** What retired pipes still hold to be read. */
  readonly leftovers: Leftovers
  connected(pipe: Pipe): void
  disconnected(pipe: Pipe): void
  control(pipe: Pipe, control: Control): void
  readable(pipe: Pipe): void
  writable(pipe: Pipe): void
}
