/** Fails when a door of the package, or what it loads later, grows beyond what it may weigh, or has no limit. Part of `npm test`. */
import { DOORS, doorSize } from "./entry-size.ts"

/**
 * Bytes, minified and gzipped, of what is loaded by `import`: without the packages that a door needs and, but for
 * "index", without the main entry.
 */
const LIMITS: Readonly<Record<string, number>> = {
  index: 45_000,
  codec: 5_000,
  msgpack: 5_000,
  testing: 12_000,
  tls: 12_000,
}

/** The same for what is loaded only when it is needed, by the file that is imported then. */
const LATER: Readonly<Record<string, number>> = {
  "src/connections/raw-connection.ts": 1_600,
  "src/endpoints/curve-mechanism.ts": 6_000,
  "src/endpoints/shake-hands.ts": 12_500,
  "src/security/box/native.ts": 700,
  "src/security/box/noble.ts": 700,
  "src/security/box/sodium.ts": 1_600,
  "src/security/examine.ts": 3_500,
  "src/security/passwords.ts": 1_200,
  "src/security/users.ts": 1_600,
  "src/zmtp/mechanisms/plain-client.ts": 2_000,
  "src/zmtp/mechanisms/plain-server.ts": 2_000,
  "transports/ipc/bind.ts": 1_500,
  "transports/tcp/socks.ts": 1_700,
  "transports/threads/questions.ts": 4_800,
}

const found: Record<string, number> = {}
for (const door of DOORS) {
  const { loaded, later } = await doorSize(door)
  found[door] = loaded
  Object.assign(found, Object.fromEntries(later))
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`

const limits = { ...LIMITS, ...LATER }
for (const name of new Set([...Object.keys(found), ...Object.keys(limits)])) {
  const limit = limits[name]
  const size = found[name] ?? Number.NaN
  const isKept = limit !== undefined && size <= limit
  const allowed = limit === undefined ? "no limit is set" : `${kB(limit)} are allowed`
  process.stdout.write(
    `${isKept ? "" : "TOO LARGE: "}${name} is ${kB(size)}, minified and gzipped; ${allowed}.\n`,
  )
  if (!isKept) process.exitCode = 1
}
