/** A process that counts. Local or remote, it does the same: it knocks at the door, works, and ends when told. */
import { setImmediate as breathe } from "node:timers/promises"
import { Pull, Push, Subscriber } from "zeromq-ts"
import { Complaint } from "./complaint.ts"
import { workerName } from "./crew.ts"
import { counted } from "./display.ts"
import { ask } from "./door.ts"
import { checkFolder } from "./folder.ts"
import type { JoinOptions } from "./options.ts"
import { countReading, readPiece } from "./pieces.ts"
import {
  type Counted,
  decode,
  encode,
  type Item,
  type Piece,
  PULSE,
  type Report,
  SILENCE,
} from "./protocol.ts"
import { WordCounter } from "./words.ts"

/** Why a worker ends: the job is over, its ventilator has vanished, or a signal came. */
type Ending = "over" | "vanished" | "left"

export async function joinJob(options: JoinOptions, signal: AbortSignal): Promise<void> {
  const welcome = await ask(options.endpoint, { type: "join" })
  if (welcome.type !== "welcome") return console.log("that count is over already")
  const folder = options.folder ?? welcome.folder
  checkFolder(folder)
  const host = options.endpoint.slice(0, options.endpoint.lastIndexOf(":"))
  const worker = new Worker(folder)
  worker.connect(`${host}:${welcome.work}`, `${host}:${welcome.results}`, `${host}:${welcome.news}`)
  console.log(`joined ${options.endpoint}, counting in ${folder}`)
  const ending = await worker.run(signal)
  console.log(`counted ${counted(worker.items, "item")}`)
  if (ending === "vanished") throw new Complaint("the ventilator has vanished", 1)
}

class Worker {
  items = 0
  readonly #name = workerName(process.pid)
  readonly #folder: string
  readonly #counter = new WordCounter()
  /** What lies in this queue is lost if we die, and waits for us if we are slow: let it be little. */
  readonly #work = new Pull({ receiveHighWaterMark: 4, linger: 0 })
  readonly #results = new Push({ linger: 300 })
  readonly #news = new Subscriber({ linger: 0 })
  #lastReport: Promise<void> = Promise.resolve()
  #silent = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  connect(work: string, results: string, news: string): void {
    this.#work.connect(work)
    this.#results.connect(results)
    this.#news.subscribe("progress", "end")
    this.#news.connect(news)
  }

  async run(signal: AbortSignal): Promise<Ending> {
    const working = this.#countItems()
    const ending = await this.#ending(signal, working)
    this.#work.close()
    this.#news.close()
    if (ending === "left") await this.#finish(working)
    // Nobody waits for what we are at.
    else this.#results.linger = 0
    this.#results.close()
    await working
    return ending
  }

  async #finish(working: Promise<void>): Promise<void> {
    await working
    await this.#report({ type: "bye", worker: this.#name })
  }

  async #ending(signal: AbortSignal, working: Promise<void>): Promise<Ending> {
    let watch: NodeJS.Timeout | undefined
    try {
      return await new Promise<Ending>((resolve, reject) => {
        // Counted in heartbeats of our own, not by the clock: a laptop may sleep without losing its job.
        watch = setInterval(() => ++this.#silent > SILENCE && resolve("vanished"), PULSE)
        signal.addEventListener("abort", () => resolve("left"))
        this.#listen().then(() => resolve("over"), reject)
        working.catch(reject)
      })
    } finally {
      clearInterval(watch)
    }
  }

  /** Until the end is announced. Answers every heartbeat with a sign of life. */
  async #listen(): Promise<void> {
    await this.#report({ type: "here", worker: this.#name })
    for await (const [topic] of this.#news) {
      if (topic?.toString() === "end") return
      this.#silent = 0
      await this.#report({ type: "here", worker: this.#name })
    }
  }

  async #countItems(): Promise<void> {
    for await (const [frame] of this.#work) {
      const item = decode<Item>(frame)
      if (!item) continue
      await this.#report({ type: "taken", worker: this.#name, item: item.id })
      const { failed, bytes } = await this.#count(item)
      const { runs, counts } = this.#counter.take()
      await this.#report({ type: "counted", worker: this.#name, item: item.id, bytes, failed, counts }, runs)
      this.items++
    }
  }

  async #count(item: Item): Promise<Pick<Counted, "failed" | "bytes">> {
    const failed: number[] = []
    let bytes = 0
    for (const [index, piece] of item.pieces.entries()) {
      const length = this.#countPiece(piece)
      if (length === undefined) failed.push(index)
      else bytes += length
      // Heartbeats are answered in between, however slow the disk.
      await breathe()
    }
    return { failed, bytes }
  }

  /** Undefined when the piece is not as it was listed. The ventilator, who listed it, will have a look. */
  #countPiece(piece: Piece): number | undefined {
    try {
      const reading = readPiece(this.#folder, piece)
      return reading.short ? undefined : countReading(this.#counter, reading)
    } catch {
      return undefined
    }
  }

  /** One after the other: a socket takes one send() at a time. */
  #report(report: Report, ...more: Uint8Array[]): Promise<void> {
    this.#lastReport = this.#lastReport.then(async () => {
      try {
        await this.#results.send([encode(report), ...more])
      } catch (error) {
        if (!this.#results.closed) throw error
      }
    })
    return this.#lastReport
  }
}
