/** Options belong to these groups of socket types. */
export const ALL = ["ALL"] as const
export const SENDERS = ["sends"] as const
export const RECEIVERS = ["receives"] as const
