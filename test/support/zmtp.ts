import { expect } from "vitest"
import { isProtocolError, type ZmqError } from "../../src/base/errors.ts"
import { SOCKET_TYPES, type SocketTypeName } from "../../src/base/socket-types.ts"
import type { ZmtpOptions } from "../../src/connections/zmtp-options.ts"
import type { LocalPeer, RemotePeer } from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import { encodeGreeting } from "../../src/zmtp/greeting.ts"
import type { MechanismFactory } from "../../src/zmtp/mechanism.ts"
import { NullMechanism } from "../../src/zmtp/mechanisms/null.ts"
import { Session } from "../../src/zmtp/session.ts"
import type { SessionSink } from "../../src/zmtp/session-sink.ts"

/** Bytes from hex digits and "quoted text", with any spaces. */
export function bytes(notation: string): Buffer {
  const pieces = notation.match(/"[^"]*"|[0-9a-fA-F]{2}/g) ?? []
  return Buffer.concat(
    pieces.map(piece =>
      piece[0] === '"' ? Buffer.from(piece.slice(1, -1), "latin1") : Buffer.from(piece, "hex"),
    ),
  )
}

/** One name per way to cut bytes into chunks: whole, byte by byte, and, if short, in two at every position. */
export function waysToCut(input: Uint8Array): [string, Uint8Array[]][] {
  const single = Array.from(input, (_, i) => input.subarray(i, i + 1))
  const ways: [string, Uint8Array[]][] = [
    ["whole", [input]],
    ["byte by byte", single],
  ]
  if (input.length > 512) return ways
  for (let at = 0; at <= input.length; at++)
    ways.push([`cut at ${at}`, [input.subarray(0, at), input.subarray(at)]])
  return ways
}

/** No time is limited, and nobody sends heartbeats. */
export const ZMTP_OPTIONS: ZmtpOptions = {
  maxMessageSize: -1,
  handshakeInterval: 0,
  heartbeatInterval: 0,
  heartbeatTimeout: -1,
  heartbeatTimeToLive: 0,
}

export const ANONYMOUS = new Uint8Array(0)

export function local(socketType: SocketTypeName, id = ""): LocalPeer {
  const { tellsRoutingId } = SOCKET_TYPES[socketType]
  return { socketType, routingId: Buffer.from(id, "latin1"), tellsRoutingId }
}

/** A session whose sink writes down what it is told. */
export class Recorder implements SessionSink {
  readonly session: Session
  readonly messages: string[][] = []
  readonly controls: string[] = []
  readonly pings: number[] = []
  readonly pongs: string[] = []
  peer: RemotePeer | undefined
  error: ZmqError | undefined
  sent = Buffer.alloc(0)
  onMessage: (message: Message) => void = () => {}

  constructor(
    socketType: SocketTypeName = "PULL",
    maxMessageSize = -1,
    mechanism: MechanismFactory = peer => new NullMechanism(peer),
  ) {
    this.session = new Session(local(socketType), maxMessageSize, mechanism, this)
    this.session.start()
  }

  output(): void {
    this.sent = Buffer.concat([this.sent, ...this.session.outgoing.take()])
  }

  ready(peer: RemotePeer): void {
    expect(this.peer).toBeUndefined()
    this.peer = peer
  }

  message(message: Message): void {
    this.messages.push(message.map(part => Buffer.from(part).toString("latin1")))
    this.onMessage(message)
  }

  requested({ type, topic }: Control): void {
    this.controls.push(`${type} ${Buffer.from(topic).toString("latin1")}`)
  }

  pinged(timeToLive: number): void {
    this.pings.push(timeToLive)
  }

  ponged(context: Uint8Array): void {
    this.pongs.push(Buffer.from(context).toString("latin1"))
  }

  refused(error: Error): void {
    expect(this.error).toBeUndefined()
    this.error = error as ZmqError
  }

  failed(error: ZmqError): void {
    expect(this.error).toBeUndefined()
    expect(error.status !== undefined || isProtocolError(error)).toBe(true)
    this.error = error
  }

  /** Nothing else is to be done in this turn: see {@link feed}. */
  exhausted(): void {}

  /** Turns are as short as can be. */
  feed(chunks: readonly Uint8Array[]): this {
    for (const chunk of chunks) {
      this.session.receive(chunk)
      while (this.session.resting) this.session.goOn()
    }
    return this
  }

  /** What was sent since the last call. */
  takeSent(): Buffer {
    this.output()
    const { sent } = this
    this.sent = Buffer.alloc(0)
    return sent
  }
}

export const GREETING: Buffer = Buffer.from(encodeGreeting("NULL", false))
export const READY = bytes(`04 1A 05 "READY" 0B "Socket-Type" 00000004 "PUSH"`)

/** A greeting with some bytes changed. */
export function greetingWith(changes: Record<number, number>): Buffer {
  const greeting = Buffer.from(GREETING)
  for (const [at, value] of Object.entries(changes)) greeting[Number(at)] = value
  return greeting
}

/** A session past its handshake. */
export function inTraffic(
  socketType: SocketTypeName = "PULL",
  maxMessageSize = -1,
  greeting = GREETING,
): Recorder {
  const recorder = new Recorder(socketType, maxMessageSize).feed([greeting, READY])
  expect(recorder.session.phase).toBe("traffic")
  recorder.takeSent()
  return recorder
}
