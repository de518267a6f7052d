export const ALL = ["ALL"] as const

/** Sockets that can send, and that can receive. */
export const SENDERS = [
  "PAIR",
  "PUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PUSH",
  "XPUB",
  "XSUB",
  "STREAM",
] as const
export const RECEIVERS = [
  "PAIR",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "XPUB",
  "XSUB",
  "STREAM",
] as const
