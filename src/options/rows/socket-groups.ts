/** Groups of socket types that options belong to. */
export const ALL = ["ALL"] as const
export const SENDERS = ["sends"] as const
export const RECEIVERS = ["receives"] as const
