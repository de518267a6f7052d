/** Entry point of the main thread and of its workers. See README.md. */
import { availableParallelism } from "node:os"
import { isMainThread } from "node:worker_threads"
import { Pull, Push } from "zeromq-ts"
import { type Command, runCommand, UsageError } from "../command.ts"
import { startWorker } from "../threads.ts"

const USAGE = `usage: prime-search [LIMIT [WORKERS]]   counts the primes below LIMIT (1000000), on all cores
for example: prime-search 5000000 4`

/** Numbers that a worker looks at in one go. */
const RANGE = 20_000

const main: Command = async (args, signal) => {
  const [limit = 1_000_000, count = availableParallelism()] = args.map(Number)
  if (args.length > 2 || !isCount(limit) || !isCount(count)) throw new UsageError()

  const workers = Array.from({ length: count }, () => startWorker(import.meta.url))
  // One range waits for each worker, no more: the next one goes to whoever is free first.
  const ranges = new Push({ sendHighWaterMark: 1 })
  const counts = new Pull()
  try {
    await Promise.all([ranges.bind("inproc://ranges"), counts.bind("inproc://counts")])
    const [total] = await Promise.all([sum(counts, limit, signal), dealOut(ranges, limit, signal)])
    console.log(`${total} primes below ${limit}`)
  } finally {
    ranges.close()
    counts.close()
    for (const worker of workers) await worker.terminate()
  }
}

async function dealOut(ranges: Push, limit: number, signal: AbortSignal): Promise<void> {
  for (let from = 0; from < limit; from += RANGE) {
    await ranges.send(JSON.stringify([from, Math.min(from + RANGE, limit)]), { signal })
  }
}

async function sum(counts: Pull, limit: number, signal: AbortSignal): Promise<number> {
  let total = 0
  for (let left = Math.ceil(limit / RANGE); left > 0; left--) {
    const [count] = await counts.receive({ signal })
    total += Number(count)
  }
  return total
}

async function work(): Promise<void> {
  const ranges = new Pull({ receiveHighWaterMark: 1 })
  const counts = new Push()
  ranges.connect("inproc://ranges")
  counts.connect("inproc://counts")
  for await (const [range] of ranges) {
    const [from, to] = JSON.parse(String(range)) as [number, number]
    let count = 0
    for (let n = from; n < to; n++) if (isPrime(n)) count++
    await counts.send(String(count))
  }
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return n > 1
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0
}

if (isMainThread) await runCommand("prime-search", USAGE, main)
else await work()
