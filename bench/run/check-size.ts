/** Fails when a door of the package grows beyond what it may weigh, or has no limit. Part of `npm test`. */
import { DOORS, doorSize } from "./entry-size.ts"

/**
 * Bytes, minified and gzipped, without the packages that a door needs and, but for "index", without the main entry.
 * The target of "index" is 45,000 (targets.ts). It weighs more because of the bounds on what peers cause, the ends of
 * connections and old peers; the check keeps it from growing on unnoticed.
 */
const LIMITS: Readonly<Record<string, number>> = {
  index: 54_000,
  codec: 5_000,
  msgpack: 5_000,
  testing: 12_000,
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`

for (const door of new Set([...DOORS, ...Object.keys(LIMITS)])) {
  const limit = LIMITS[door]
  const size = DOORS.includes(door) ? await doorSize(door) : Number.NaN
  const isKept = limit !== undefined && size <= limit
  const allowed = limit === undefined ? "no limit is set" : `${kB(limit)} are allowed`
  process.stdout.write(
    `${isKept ? "" : "TOO LARGE: "}${door} is ${kB(size)}, minified and gzipped; ${allowed}.\n`,
  )
  if (!isKept) process.exitCode = 1
}
