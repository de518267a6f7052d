/** What a transport in another thread and the one who drives it say to each other. */
import type { LocalPeer, RemotePeer } from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { TransportEvent, TransportOptions } from "../../src/contracts/transport.ts"

/** A connection as its data; its functions are called by its id. */
export interface Face {
  readonly id: number
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
}

/** A TransportHost as its data. */
export interface Introduction {
  readonly local: LocalPeer
  readonly options: TransportOptions
  readonly aborted: boolean
  /** What welcome() throws, whoever the peer is. */
  readonly refusal: PlainError | undefined
}

/** An error with what programs ask it for: that of its class is lost on the way. */
export interface PlainError {
  readonly message: string
  readonly [detail: string]: unknown
}

export interface FarCommands {
  dial(request: number, address: string, host: Introduction): void
  listen(request: number, address: string, host: Introduction): void
  abort(request: number): void
  unlisten(request: number): void
  open(connection: number): void
  send(connection: number, message: Message): boolean
  control(connection: number, control: Control): void
  pause(connection: number): void
  resume(connection: number): void
  end(connection: number): void
  destroy(connection: number, error: PlainError | undefined): void
}

export interface NearEvents {
  dialled(request: number, face: Face): void
  notDialled(request: number, error: PlainError): void
  listening(request: number, endpoint: string): void
  notListening(request: number, error: PlainError): void
  unlistened(request: number): void
  accepted(request: number, face: Face): void
  reported(request: number, event: TransportEvent): void
  message(connection: number, message: Message): void
  control(connection: number, control: Control): void
  drain(connection: number): void
  closed(connection: number, error: PlainError | undefined, unread: readonly Message[]): void
}

export function plainOf(error: Error): PlainError {
  return { ...error, message: error.message }
}

export function errorOf({ message, ...details }: PlainError): Error {
  return Object.assign(new Error(message), details)
}
