import type { CountOptions } from "./options.ts"
import type { State } from "./protocol.ts"

const BAR = 24
/** Without a terminal there is a line for every tenth of the way, for every change of the crew, and every so many seconds. */
const QUIET_SECONDS = 5

export const whole = (value: number): string => Math.round(value).toLocaleString("en-US")
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
export const counted = (n: number, what: string): string => `${whole(n)} ${what}${n === 1 ? "" : "s"}`
export const rate = (bytes: number, seconds: number): string => `${megabytes(bytes / (seconds || 1))} MB/s`

/** What is seen while it runs; on stderr, so that the result can be piped. */
export class Display {
  readonly #stream: NodeJS.WriteStream
  /** The line that is redrawn in place. */
  #line = ""
  #lastNews = ""
  #lastSeconds = 0

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  invite(door: string, { folder, workers, host }: CountOptions): void {
    const others = host === "127.0.0.1" ? "terminal" : "terminal or machine (that sees the same files)"
    const crew = workers === 0 ? "whoever joins" : counted(workers, "local worker")
    this.say(`counting the words in ${folder} with ${crew}`)
    this.say(`  help from another ${others}: npm run word-count -- --join ${door}`)
    this.say(`  ask how far it is: npm run word-count -- --state ${door}`)
  }

  /** A line that stays. */
  say(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${text}\n${this.#line}` : `${text}\n`)
  }

  update(state: State): void {
    if (state.phase === "listing") return
    if (this.#stream.isTTY) this.#redraw(progressLine(state))
    else if (this.#isNewsworthy(state)) this.#stream.write(`${progressLine(state)}\n`)
  }

  finish(state: State): void {
    if (this.#stream.isTTY) this.#redraw(progressLine(state))
    else this.#stream.write(progressLine(state))
    this.#stream.write("\n")
    this.#line = ""
  }

  #redraw(line: string): void {
    this.#line = line.slice(0, this.#stream.columns - 1)
    this.#stream.write(`\r${this.#line}\x1b[K`)
  }

  #isNewsworthy({ items, workers, seconds }: State): boolean {
    const news = `${Math.floor((10 * items.done) / items.total)} ${workers.length}`
    if (news === this.#lastNews && seconds - this.#lastSeconds < QUIET_SECONDS) return false
    this.#lastNews = news
    this.#lastSeconds = seconds
    return true
  }
}

export function progressLine({ items, files, bytes, seconds, workers }: State): string {
  const share = items.total === 0 ? 1 : items.done / items.total
  const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░")
  return [
    `${bar} ${String(Math.floor(share * 100)).padStart(3)} %`,
    `${megabytes(bytes.done)} of ${megabytes(bytes.total)} MB`,
    `${whole(files.done)} of ${whole(files.total)} files`,
    counted(workers.length, "worker"),
    rate(bytes.done, seconds),
  ].join("  ")
}
