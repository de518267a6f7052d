/** The result as text. */
import { counted, megabytes, rate, whole } from "./display.ts"
import type { Job } from "./job.ts"

const TOP = 20
const BAR = 30
/** Of a long list of files, these many are named. */
const NAMED = 10

export function outcome(job: Job): string {
  const { totals } = job.sink
  const files = job.listing.files.length - totals.unreadable.size
  return [
    ...topWords(totals.top(TOP)),
    "",
    `${counted(files, "file")}  ${megabytes(totals.bytes)} MB  ${whole(totals.words)} words  ` +
      `${whole(totals.distinct)} distinct  ${job.seconds.toFixed(2)} s  ${rate(totals.bytes, job.seconds)}`,
    `skipped: ${counted(job.listing.binary, "file")} not of text, ${counted(job.listing.special, "link")} and the like`,
    ...trouble(job),
  ].join("\n")
}

function topWords(words: readonly [string, number][]): string[] {
  const width = Math.max(...words.map(([word]) => word.length))
  const most = words[0]?.[1] ?? 1
  return words.map(([word, count], i) => {
    const bar = "█".repeat(Math.ceil((BAR * count) / most))
    return `${String(i + 1).padStart(3)}  ${word.padEnd(width)}  ${whole(count).padStart(11)}  ${bar}`
  })
}

function trouble(job: Job): string[] {
  const { totals } = job.sink
  const unreadable = [...job.listing.unreadable, ...totals.unreadable]
  const lines = [
    ...list(
      "unreadable",
      unreadable.map(([path, reason]) => `${path}: ${reason}`),
    ),
    ...list("became shorter meanwhile", [...totals.shorter]),
  ]
  if (job.lostWorkers > 0) lines.push(`lost workers: ${job.lostWorkers}`)
  if (job.dealtAgain > 0) {
    lines.push(
      `items dealt again: ${job.dealtAgain}; of these counted twice, and added once: ${job.repeated}`,
    )
  }
  return lines
}

function list(what: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return []
  const named = entries.slice(0, NAMED).map(entry => `  ${entry}`)
  const rest = entries.length - named.length
  return [`${what}: ${whole(entries.length)}`, ...named, ...(rest > 0 ? [`  and ${whole(rest)} more`] : [])]
}
