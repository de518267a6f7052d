import { atEndOfTurn, type TurnTask } from "../base/process-exit.ts"
import type { ByteStream } from "../contracts/connection.ts"
import { BATCH_SIZE, type FrameEncoder } from "../zmtp/frame-encoder.ts"

/**
 * - idle: nothing is pending
 * - scheduled: what is pending goes out when the turn has no microtask left
 * - blocked: the stream asked to wait for its drain()
 * - stopped: nothing goes out any more
 */
type Phase = "idle" | "scheduled" | "blocked" | "stopped"

/** Carries batches of frames from an encoder to a stream: few writes, no delay, and no more than the stream wants. */
export class Output implements TurnTask {
  readonly #frames: FrameEncoder
  readonly #stream: ByteStream
  #phase: Phase = "idle"
  /** Somebody was told to wait. */
  #owesDrain = false
  /** Messages that are pending, and messages that the stream was given since it was last known to be empty. */
  #pending = 0
  #underWay = 0

  constructor(frames: FrameEncoder, stream: ByteStream) {
    this.#frames = frames
    this.#stream = stream
  }

  /** True while the stream takes nothing. */
  get blocked(): boolean {
    return this.#phase === "blocked"
  }

  /** Messages that may not have left as a whole. */
  get unsent(): number {
    return this.#pending + this.#underWay
  }

  /** As push(), for the frames of a message. */
  pushMessage(): boolean {
    this.#pending++
    return this.push()
  }

  /** Frames were added. False when a whole batch waits for the stream; drained() tells when it has gone. */
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

  /** The stream takes bytes again. True when somebody was told to wait for this. */
  drained(): boolean {
    if (this.#phase !== "blocked") return false
    this.#phase = "idle"
    this.#underWay = 0
    if (this.#frames.bytes > 0) this.#flush()
    const owed = this.#owesDrain
    this.#owesDrain = false
    return owed
  }

  /** Writes what is pending, wanted or not, and takes nothing more. */
  finish(): void {
    if (this.#phase === "stopped") return
    if (this.#frames.bytes > 0) this.#write()
    this.#phase = "stopped"
  }

  /** Drops what is pending, and takes nothing more. */
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
    const passedOn = this.#stream.write(this.#frames.take())
    this.#underWay = passedOn ? 0 : this.#underWay + this.#pending
    this.#pending = 0
    return passedOn
  }
}
