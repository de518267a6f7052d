/** What the bench and its child processes say to each other, over the process's message channel. */
import type { Run } from "./rows.ts"

/** push and req connect and set the pace; pull and rep bind. */
export type Role = "push" | "pull" | "req" | "rep"

/** To a child; each order is answered once. */
export type Order =
  | { readonly order: "bind"; readonly address: string }
  | { readonly order: "connect"; readonly address: string }
  /** pull: so many messages will come. Answered at once. */
  | { readonly order: "expect"; readonly count: number }
  /** push: sends so many messages. req: makes so many round trips. */
  | { readonly order: "run"; readonly count: number }
  /** pull: answered when all expected messages have come, and nothing but them. */
  | { readonly order: "finish" }

/** From a child. The first one comes unasked. */
export type Answer =
  | { readonly answer: "ready" }
  | { readonly answer: "bound"; readonly address: string }
  | { readonly answer: "done" }
  | { readonly answer: "result"; readonly run: Run }
