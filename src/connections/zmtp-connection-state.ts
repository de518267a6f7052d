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
