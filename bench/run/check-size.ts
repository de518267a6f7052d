/** Fails when the main entry grows beyond what it may weigh. Part of `npm test`. */
import { entrySize } from "./entry-size.ts"

/** Bytes, minified and gzipped. The target is 40,000 (targets.ts), which the topics of a million subscriptions exceed. */
const LIMIT = 45_000

const size = await entrySize()
const text = `The main entry is ${(size / 1000).toFixed(1)} kB, minified and gzipped; ${LIMIT / 1000} kB are allowed.`
process.stdout.write(`${text}\n`)
if (size > LIMIT) process.exitCode = 1
