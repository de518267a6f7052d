/** What a row of the table is, and how its outcome becomes data that can be compared. */
export type Library = typeof import("../../src/index.ts")

/** Runs on either library, alone in its process; returns plain data. */
export type Scenario = (zmq: Library) => unknown

/** What ours does on purpose where it differs; the reason stands in the README's list of differences. */
export interface Different {
  readonly run: Scenario
  readonly ours: unknown
}

export type Row = Scenario | Different
export type Rows = Readonly<Record<string, Row>>

/**
 * An operation that shall stay pending is watched for so many timers of 1 ms, one after the other: on a busy machine, which
 * takes long to end the others, they take long as well.
 */
const WATCHED = 40

async function watched(): Promise<"stays pending"> {
  for (let timers = 0; timers < WATCHED; timers++) await new Promise(resolve => setTimeout(resolve, 1))
  return "stays pending"
}

export interface Failure {
  readonly message: string
  readonly code?: string
  readonly errno?: number
  readonly address?: string
}

export function describeError(error: unknown): Failure {
  const { message, code, errno, address } = error as Failure
  return JSON.parse(JSON.stringify({ message, code, errno, address }))
}

/** How a call ends: `throws`, `returns`, `rejects`, `resolves`, or `stays pending`. */
export async function outcome(call: () => unknown): Promise<unknown> {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return { throws: describeError(error) }
  }
  if (!(result instanceof Promise)) return { returns: plain(result) }
  const ended = result.then(
    value => ({ resolves: plain(value) }),
    error => ({ rejects: describeError(error) }),
  )
  return Promise.race([ended, watched()])
}

/** The outcomes of several calls, one after the other. */
export async function outcomes(calls: Readonly<Record<string, () => unknown>>): Promise<unknown> {
  const results: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(calls)) results[name] = await outcome(call)
  return results
}

/** Messages as texts, anything else that isn't data by its type. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "object"
  return value === undefined ? "undefined" : value
}

/** The warnings that a call emits, as texts, told at once. */
export function warningsOf(call: () => void): string[] {
  const { emitWarning } = process
  const warnings: string[] = []
  process.emitWarning = (warning: string | Error) => void warnings.push(String(warning))
  try {
    call()
  } finally {
    process.emitWarning = emitWarning
  }
  return warnings
}

let last = 0

/** A name that nobody uses yet. */
export const inprocName = (): string => `inproc://row-${++last}`

/** Two PAIR sockets, connected. */
export async function pairs(zmq: Library) {
  const left = new zmq.Pair()
  const right = new zmq.Pair()
  const endpoint = inprocName()
  await left.bind(endpoint)
  right.connect(endpoint)
  return { left, right, endpoint }
}

/** How many messages a socket takes before it refuses one; its `sendTimeout` must be 0. */
export async function room(socket: { send(message: string): Promise<void> }, most = 100): Promise<number> {
  for (let taken = 0; taken < most; taken++) {
    const refused = await socket.send("").then(
      () => false,
      error => error.code === "EAGAIN",
    )
    if (refused) return taken
  }
  return most
}
