/** What is to be reached: ratios of medians within one run of the bench, with a few absolute limits. */

import { CURVE_SIZES } from "../rows/curve.ts"
import { SUBSCRIBERS } from "../rows/fan-out.ts"
import { DEALERS } from "../rows/router-echo.ts"
import type { Figure } from "../rows/row.ts"
import type { Contender } from "../run/contenders.ts"
import { KIB, MIB, sizeName } from "../run/sizes.ts"

/** A median. */
export interface Ref {
  readonly row: string
  readonly contender: Contender
  readonly figure: Figure
}

/** One comparison: `of`, divided by `by` if there is one, is to be at least or at most so much. */
export interface Point {
  readonly label: string
  readonly of: Ref
  readonly by?: Ref
  readonly limit: { readonly atLeast: number } | { readonly atMost: number }
}

export interface Target {
  readonly number: number
  readonly what: string
  readonly against: string
  readonly points: readonly Point[]
}

const SMALL = [16, 64, 256]
const TRANSPORTS = ["tcp", "ipc"] as const

const ref = (row: string, contender: Contender, figure: Figure): Ref => ({ row, contender, figure })
const pushPull = (transport: string, size: number) => `push-pull ${transport} ${sizeName(size)}`

/** Messages a second over those of another. */
function faster(label: string, row: string, ours: Contender, other: Contender, atLeast: number): Point {
  return { label, of: ref(row, ours, "rate"), by: ref(row, other, "rate"), limit: { atLeast } }
}

function throughput(sizes: readonly number[], atLeast: number): Point[] {
  return TRANSPORTS.flatMap(transport =>
    sizes.map(size =>
      faster(`${transport} ${sizeName(size)}`, pushPull(transport, size), "ours", "native", atLeast),
    ),
  )
}

function roundTrip(other: Contender, atMost: number): Point[] {
  const row = "req-rep tcp 64 B"
  return (["p50", "p99"] as const).map(figure => ({
    label: `${figure === "p50" ? "median" : "p99"} / ${other}`,
    of: ref(row, "ours", figure),
    by: ref(row, other, figure),
    limit: { atMost },
  }))
}

function toItself(label: string, figure: Figure, row: string, base: string, atMost: number): Point {
  return { label, of: ref(row, "ours", figure), by: ref(base, "ours", figure), limit: { atMost } }
}

/** The CommonJS files take at most a twentieth more than the ES modules. */
function asFast(label: string, row: string, figure: "cpu" | "p50" | "rate"): Point {
  const [modules, scripts] = [ref(row, "ours", figure), ref(row, "ours-cjs", figure)]
  const [of, by] = figure === "rate" ? [modules, scripts] : [scripts, modules]
  return { label, of, by, limit: { atMost: 1.05 } }
}

/** CURVE over tcp: messages a second at each size, then handshakes. */
function encrypted(ours: Contender, limits: readonly number[]): Point[] {
  const rows = [...CURVE_SIZES.map(size => pushPull("curve tcp", size)), "handshakes curve tcp"]
  return limits.map((atLeast, i) => faster(rows[i]!, rows[i]!, ours, "native", atLeast))
}

const dealers = (count: number) => `router echo tcp 64 B, ${count.toLocaleString("en")} dealers`
const subscriptions = (count: number) => `matching ${count.toLocaleString("en")} subscriptions`

export const TARGETS: readonly Target[] = [
  { number: 1, what: "PUSH→PULL, await API, 16–256 B", against: "native", points: throughput(SMALL, 10) },
  {
    number: 2,
    what: "the same, 1 KiB and 4 KiB",
    against: "native",
    points: [...throughput([KIB], 5), ...throughput([4 * KIB], 2)],
  },
  {
    number: 3,
    what: "the same, 64 KiB and 1 MiB",
    against: "native",
    points: throughput([64 * KIB, MIB], 1.1),
  },
  {
    number: 4,
    what: "PUSH→PULL tcp, try API, 16–256 B",
    against: "libzmq in C",
    points: SMALL.map(size => faster(sizeName(size), pushPull("tcp", size), "ours-try", "libzmq", 1)),
  },
  {
    number: 5,
    what: "the same, CPU seconds per million messages, both ends",
    against: "libzmq in C",
    points: SMALL.map(size => ({
      label: sizeName(size),
      of: ref(pushPull("tcp", size), "ours-try", "cpu"),
      by: ref(pushPull("tcp", size), "libzmq", "cpu"),
      limit: { atMost: 1 },
    })),
  },
  {
    number: 6,
    what: "the same, messages a second",
    against: "bare node:net",
    points: SMALL.map(size => faster(sizeName(size), pushPull("tcp", size), "ours-try", "net", 0.7)),
  },
  {
    number: 7,
    what: "REQ/REP round trip, 64 B, tcp",
    against: "native, libzmq in C, bare node:net",
    points: [...roundTrip("native", 0.5), ...roundTrip("libzmq", 1), ...roundTrip("net", 1.3)],
  },
  {
    number: 8,
    what: "PUB→SUBs, 64 B, total delivered a second",
    against: "native",
    points: SUBSCRIBERS.map(count =>
      faster(`to ${count}`, `pub-sub tcp 64 B to ${count}`, "ours", "native", 5),
    ),
  },
  {
    number: 9,
    what: "PUB matching, time per message",
    against: "itself with 10 subscriptions",
    points: [10_000, 1_000_000].map(count =>
      toItself(count.toLocaleString("en"), "cost", subscriptions(count), subscriptions(10), 2),
    ),
  },
  {
    number: 10,
    what: "inproc in one thread, 64 B",
    against: "native",
    points: [
      faster("await API", "inproc 64 B, one thread", "ours", "native", 20),
      faster("try API", "inproc 64 B, one thread", "ours-try", "native", 40),
    ],
  },
  {
    number: 11,
    what: "ROUTER echo to DEALERs, messages a second",
    against: "native; CPU per message: itself with 1",
    points: [
      ...DEALERS.map(count => faster(`${count}`, dealers(count), "ours", "native", 5)),
      toItself("1,000 / 1", "cpu", dealers(1000), dealers(1), 1.5),
    ],
  },
  {
    number: 12,
    what: "10,000 idle connections, resident bytes each, both ends",
    against: "bare node:net",
    points: [
      {
        label: "memory",
        of: ref("10,000 idle connections", "ours", "memory"),
        by: ref("10,000 idle connections", "net", "memory"),
        limit: { atMost: 1.5 },
      },
    ],
  },
  {
    number: 13,
    what: "event-loop delay of a receiver under full load, p99, ms",
    against: "",
    points: (["ours", "ours-try"] as const).map(contender => ({
      label: contender,
      of: ref("push-pull tcp 64 B", contender, "loopDelay"),
      limit: { atMost: 20 },
    })),
  },
  {
    number: 14,
    what: "PUSH→PULL tcp, messages of 4 × 16 B",
    against: "native",
    points: [faster("await API", "push-pull tcp 4 × 16 B", "ours", "native", 8)],
  },
  {
    number: 15,
    what: "time to import; size of the main entry, kB minified and gzipped",
    against: "native",
    points: [
      {
        label: "import",
        of: ref("import", "ours", "time"),
        by: ref("import", "native", "time"),
        limit: { atMost: 1 / 3 },
      },
      { label: "kB", of: ref("import", "ours", "size"), limit: { atMost: 45 } },
    ],
  },
  {
    number: 16,
    what: "inproc between threads, await API",
    against: "native, bare MessagePort",
    points: [
      faster("64 B / native", "threads push-pull 64 B", "ours", "native", 10),
      faster("64 B / port", "threads push-pull 64 B", "ours", "port", 5),
      faster("1 MiB / port", "threads push-pull 1 MiB", "ours", "port", 1),
      faster("handed over / port", "threads push-pull 1 MiB, handed over", "ours", "port", 0.8),
      {
        label: "round trip / port",
        of: ref("threads req-rep 64 B", "ours", "p50"),
        by: ref("threads req-rep 64 B", "port", "p50"),
        limit: { atMost: 1.2 },
      },
    ],
  },
  {
    number: 17,
    what: "the CommonJS files, 64 B: CPU per message, time of a round trip and, turned round, messages a second",
    against: "the ES modules",
    points: [
      asFast("tcp CPU", pushPull("tcp", 64), "cpu"),
      asFast("ipc CPU", pushPull("ipc", 64), "cpu"),
      asFast("tcp round trip", "req-rep tcp 64 B", "p50"),
      asFast("inproc", "inproc 64 B, one thread", "rate"),
      asFast("threads", "threads push-pull 64 B", "rate"),
      asFast("threads round trip", "threads req-rep 64 B", "p50"),
    ],
  },
  {
    number: 18,
    what: "CURVE over tcp: PUSH→PULL and handshakes",
    against: "native",
    points: encrypted("ours", [2, 1, 0.6, 1]),
  },
  {
    number: 19,
    what: "CURVE over tcp with sodium-native: PUSH→PULL",
    against: "native",
    points: encrypted("ours-sodium-native", [3, 2, 1.2]),
  },
]
