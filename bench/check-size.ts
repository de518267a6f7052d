/** Fails when the main entry grows beyond its limit. Part of `npm test`. */
import { entrySize } from "./entry-size.ts"

/** Bytes, minified and gzipped: the target of targets.ts. */
const LIMIT = 40_000

const size = await entrySize()
const text = `The main entry is ${(size / 1000).toFixed(1)} kB, minified and gzipped; ${LIMIT / 1000} kB are allowed.`
process.stdout.write(`${text}\n`)
if (size > LIMIT) process.exitCode = 1
