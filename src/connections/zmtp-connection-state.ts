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
  /** We end it in order: the stream will tell when the peer has everything. */
  | { readonly name: "ending" }
  /** We destroy it: the stream will tell when it is closed. */
  | { readonly name: "leaving"; readonly error?: Error | undefined }
  /** The stream is closed, but the sink has not been told yet. */
  | { readonly name: "lost"; readonly error?: Error | undefined }
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
