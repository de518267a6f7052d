import { transitions } from "../base/transitions.ts"

/** A ZMTP connection has one of these states. */
export type ZmtpConnectionState =
  /** The handshake may not begin yet; bytes of the peer are kept. */
  | { readonly name: "held" }
  /** The greeting or the handshake isn't done. */
  | { readonly name: "handshake" }
  | { readonly name: "open" }
  /** The peer takes no more bytes. Its own are read to their end; `bytes` counts those that came while paused. */
  | { readonly name: "inputOnly"; bytes: number }
  /** We end it in order. If a PING `asks` for it, a PONG tells that the peer has everything, otherwise the stream does. */
  | { readonly name: "ending"; readonly asks: boolean }
  /** We destroy it: the stream will tell when it is closed. */
  | { readonly name: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed, but the sink has not been told yet. Once we `ended` it, nothing more is delivered. */
  | { readonly name: "lost"; readonly error?: Error | undefined; readonly ended: boolean }
  /** The sink has been told. */
  | { readonly name: "closed" }

export const HANDSHAKE: ZmtpConnectionState = { name: "handshake" }
export const HELD: ZmtpConnectionState = { name: "held" }
export const OPEN: ZmtpConnectionState = { name: "open" }

export const followingState = transitions<ZmtpConnectionState["name"]>("a connection", {
  held: ["handshake", "closed"],
  handshake: ["held", "open", "closed"],
  open: ["inputOnly", "ending", "leaving", "lost"],
  inputOnly: ["leaving", "lost"],
  ending: ["leaving", "lost"],
  leaving: ["leaving", "lost"],
  lost: ["lost", "closed"],
  closed: [],
})

/** True until the handshake is done. */
export function shakesHands({ name }: ZmtpConnectionState): boolean {
  return name === "handshake" || name === "held"
}

/** True while received bytes go to the session. */
export function readsInput({ name }: ZmtpConnectionState): boolean {
  return name === "open" || name === "inputOnly" || name === "ending"
}

/** True once we have ended the connection, so that what still comes is dropped. */
export function dropsInput(state: ZmtpConnectionState): boolean {
  return state.name === "ending" || (state.name === "lost" && state.ended)
}

/** Returns the reason for the end: the one with which we have destroyed the connection, or else this one. */
export function firstError(state: ZmtpConnectionState, error: Error | undefined): Error | undefined {
  return state.name === "leaving" ? (state.error ?? error) : error
}
