/**
 * What the processes say to each other, in MessagePack, on four sockets of the ventilator.
 *
 *   PUSH  work     → workers   Item                  dealt out in turn, a few per worker at a time
 *   PULL  results  ← workers   Report                "here", "taken", "counted", "bye"
 *   PUB   news     → workers   State                 "progress" four times a second, then "end"
 *   REP   door     ↔ anybody   Question, Answer      "join" (where are the other three?) and "state"
 *
 * PUSH does not tell who got what, and what lies in the queue of a worker that dies is lost. So a worker
 * announces what it takes, the ventilator deals again what may be lost, and the sink counts each item once.
 */
import { byTopic, type Codec } from "zeromq-ts/codec"
import { type MsgpackOptions, msgpack } from "zeromq-ts/msgpack"

/** Milliseconds between two heartbeats. */
export const PULSE = 250
/** Heartbeats that may be missed before the other side counts as gone: five seconds. */
export const SILENCE = 20

/** A stretch of a file. The file's size is the one it had when it was listed; what is appended later is ignored. */
export interface Piece {
  readonly file: string
  readonly from: number
  readonly to: number
  readonly size: number
}

/** The unit of work: about as many bytes as --chunk says, of one file or of many small ones. */
export interface Item {
  readonly id: number
  readonly pieces: readonly Piece[]
}

export interface Counted {
  readonly type: "counted"
  readonly worker: string
  readonly item: number
  readonly bytes: number
  /** The runs of letters that are counted, one per line (see words.ts). */
  readonly runs: Uint8Array
  /** Per run. */
  readonly counts: Float64Array
  /** Indices of the pieces that the worker could not read in full; nothing of them is in the counts. */
  readonly failed: readonly number[]
}

/** Every report is a sign of life. */
export type Report =
  | { readonly type: "here" | "bye"; readonly worker: string }
  | { readonly type: "taken"; readonly worker: string; readonly item: number }
  | Counted

export type Question = { readonly type: "join" | "state" }

/** Where a worker finds its work. Ports only: the host is the one by which it reached the door. */
export interface Welcome {
  readonly type: "welcome"
  readonly folder: string
  readonly work: number
  readonly results: number
  readonly news: number
}

export interface Share {
  readonly done: number
  readonly total: number
}

export interface State {
  readonly type: "state"
  readonly phase: "listing" | "counting" | "over"
  readonly folder: string
  readonly items: Share
  readonly files: Share
  readonly bytes: Share
  readonly seconds: number
  readonly workers: readonly { readonly name: string; readonly items: number }[]
}

export type Answer = Welcome | State

/** Peers are trusted to be this program; what is not even an object is somebody else. */
function said<Out, In = Out>(options?: MsgpackOptions): Codec<Out, In> {
  const codec = msgpack<Out, In>(options)
  const decode = (frames: Buffer[]): Out => {
    const value = codec.decode(frames)
    if (typeof value === "object" && value !== null) return value
    throw new Error("not of this program")
  }
  return { ...codec, decode }
}

export const ITEMS = said<Item>()
/** Counts go as they lie in memory, not number by number. */
export const REPORTS = said<Report>({ structuredClone: true })
export const NEWS = byTopic(said<State>(), ({ phase }) => (phase === "over" ? "end" : "progress"))
export const QUESTIONS = said<Question, Answer>()
export const ANSWERS = said<Answer, Question>()
