import type { TimeLimit } from "../base/time-limit.ts"
import { transitions } from "../base/transitions.ts"
import type { Connection } from "../contracts/connection.ts"

/** A pipe has this time to deliver the queued messages. */
export interface LingerLimit {
  readonly time: TimeLimit | undefined
  /** Is called when the time is over and there is no connection. */
  readonly expired: (() => void) | undefined
}

/** A pipe goes through these states. */
export type PipeState =
  /** There is no connection at the moment; messages are queued for the next one. */
  | { readonly name: "apart"; readonly connection?: undefined }
  | { readonly name: "joined"; readonly connection: Connection }
  /**
   * The process ends, and the connection is to end first, so that the peer has everything; unless the time for that is
   * over. What is queued waits for the next one.
   */
  | { readonly name: "leaving"; readonly connection: Connection; readonly givenUp: boolean }
  /** The pattern has closed the connection, or the peer takes nothing any more; what is queued waits for the next one. */
  | { readonly name: "failed"; readonly connection: Connection }
  /** No further message is taken. Queued ones are still to be delivered, to the next connection if need be. */
  | { readonly name: "finishing"; readonly connection: Connection | undefined; readonly limit: LingerLimit }
  /** The connection has all messages that were queued, and was asked to deliver them and end. */
  | { readonly name: "ending"; readonly connection: Connection; readonly limit: LingerLimit }
  /** The time is over, and the queued messages are dropped. */
  | { readonly name: "givenUp"; readonly connection: Connection | undefined }
  /** No connection follows. Received messages can still be read. */
  | { readonly name: "retired"; readonly connection?: undefined }

export const APART: PipeState = { name: "apart" }
export const RETIRED: PipeState = { name: "retired" }

export const followingPipe = transitions<PipeState["name"]>("a pipe", {
  apart: ["joined", "finishing", "retired"],
  joined: ["apart", "failed", "finishing", "leaving"],
  leaving: ["leaving", "apart", "finishing"],
  failed: ["apart", "finishing"],
  finishing: ["finishing", "ending", "givenUp", "retired"],
  ending: ["finishing", "givenUp"],
  givenUp: ["finishing", "givenUp", "retired"],
  retired: [],
})
