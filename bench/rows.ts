/** What is measured: one row per pattern, transport and message size. */

export const LIBRARIES = ["ours", "native"] as const
export type Library = (typeof LIBRARIES)[number]

/** What a user writes after `import`. */
export const PACKAGES: Readonly<Record<Library, string>> = { ours: "zeromq-ts", native: "zeromq" }

export type Transport = "tcp" | "ipc"
export type Kind = "push-pull" | "req-rep"

export interface Row {
  readonly name: string
  readonly kind: Kind
  readonly transport: Transport
  /** Bytes of a message. */
  readonly size: number
}

/** A run on one library: so many messages, or round trips, in so many seconds. */
export interface Run {
  readonly count: number
  readonly seconds: number
  /** Of the single round trips, in microseconds. */
  readonly roundTrip?: { readonly median: number; readonly p99: number }
}

export interface Measured {
  readonly row: Row
  readonly runs: Readonly<Record<Library, readonly Run[]>>
}

const KIB = 1024
const MIB = KIB * KIB
const TRANSPORTS: readonly Transport[] = ["tcp", "ipc"]
const SIZES = [16, 64, 256, KIB, 4 * KIB, 64 * KIB, MIB]
const ROUND_TRIP_SIZE = 64

export const ROWS: readonly Row[] = [
  ...TRANSPORTS.flatMap(transport => SIZES.map(size => row("push-pull", transport, size))),
  ...TRANSPORTS.map(transport => row("req-rep", transport, ROUND_TRIP_SIZE)),
]

function row(kind: Kind, transport: Transport, size: number): Row {
  return { name: `${kind} ${transport} ${sizeName(size)}`, kind, transport, size }
}

export function sizeName(size: number): string {
  if (size >= MIB) return `${size / MIB} MiB`
  if (size >= KIB) return `${size / KIB} KiB`
  return `${size} B`
}

/** Messages a second; the first message only starts the clock. */
export function messageRate({ count, seconds }: Run): number {
  return (count - 1) / seconds
}
