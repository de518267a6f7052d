import { atEndOfTurn, type TurnTask } from "../base/process-exit.ts"
import type { ByteStream } from "../contracts/connection.ts"
import { BATCH_SIZE, type FrameEncoder } from "../zmtp/frame-encoder.ts"
import { Unconfirmed } from "./unconfirmed.ts"

/** This many bytes may wait for a stream before further controls do. It is more than a batch. */
const CONGESTED = 1024 * 1024

/**
 * - idle: no frames are pending
 * - scheduled: the pending frames are written when the turn has no microtask left
 * - blocked: the stream has asked to wait for its drain()
 * - stopped: nothing is written any more
 */
type Phase = "idle" | "scheduled" | "blocked" | "stopped"

/**
 * An output writes batches of frames from an encoder to a stream. It writes once per turn, or when a batch is full, and
 * waits while the stream takes nothing.
 */
export class Output implements TurnTask {
  readonly #frames: FrameEncoder
  readonly #stream: ByteStream
  #phase: Phase = "idle"
  /** True when push() has returned false, so that drained() must return true. */
  #owesDrain = false
  /** Messages that are pending, and messages that the stream was given. */
  #pending = 0
  #written: Unconfirmed | undefined

  constructor(frames: FrameEncoder, stream: ByteStream) {
    this.#frames = frames
    this.#stream = stream
  }

  /** True while the stream takes nothing. */
  get blocked(): boolean {
    return this.#phase === "blocked"
  }

  /** True while so many bytes wait for the stream that controls had better wait, too. drained() tells when they have gone. */
  get congested(): boolean {
    return this.blocked && this.#frames.bytes >= CONGESTED
  }

  /** This many bytes wait because the peer takes no more. It is 0 while the stream takes bytes. */
  get backlog(): number {
    if (!this.blocked) return 0
    // A stream that can't tell how many bytes wait still tells, by drain(), when none do.
    return this.#stream.unwritten ?? 1
  }

  /** Messages that aren't known to have arrived. */
  get unconfirmed(): number {
    return this.#pending + (this.#written?.messages ?? 0)
  }

  /** The peer has everything. */
  confirm(): void {
    this.#written?.confirm()
  }

  /** Does the same as push(), for the frames of a message. */
  pushMessage(): boolean {
    this.#pending++
    return this.push()
  }

  /** Sends a command that may as well be left out, which it is while the stream takes nothing. */
  command(body: Uint8Array): void {
    if (this.blocked) return
    this.#frames.command(body)
    this.push()
  }

  /** Frames were added. Returns false when a whole batch waits for the stream; drained() then tells when it has gone. */
  push(): boolean {
    const isBatch = this.#frames.bytes >= BATCH_SIZE
    switch (this.#phase) {
      case "idle":
        if (isBatch) this.#flush()
        else this.#schedule()
        return true
      case "scheduled":
        if (isBatch) this.#flush()
        return true
      case "blocked":
        if (isBatch) this.#owesDrain = true
        return !isBatch
      case "stopped":
        return false
    }
  }

  /** The stream takes bytes again. Returns true when push() has returned false before. */
  drained(): boolean {
    if (this.#phase !== "blocked") return false
    this.#phase = "idle"
    if (this.#frames.bytes > 0) this.#flush()
    const owed = this.#owesDrain
    this.#owesDrain = false
    return owed
  }

  /** Writes the pending frames even if the stream is blocked, and takes no more. */
  finish(): void {
    if (this.#phase === "stopped") return
    if (this.#frames.bytes > 0) this.#write()
    this.#phase = "stopped"
  }

  /** Drops the pending frames, and takes no more. */
  stop(): void {
    this.#phase = "stopped"
    this.#frames.take()
  }

  endOfTurn(): void {
    if (this.#phase === "scheduled") this.#flush()
  }

  #schedule(): void {
    this.#phase = "scheduled"
    atEndOfTurn(this)
  }

  #flush(): void {
    this.#phase = this.#write() ? "idle" : "blocked"
  }

  #write(): boolean {
    if (this.#pending > 0) this.#written ??= new Unconfirmed()
    this.#written?.add(this.#pending, this.#frames.bytes)
    this.#pending = 0
    return this.#stream.write(this.#frames.take())
  }
}
