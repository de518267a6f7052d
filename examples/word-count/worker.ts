/** A process that counts. Local or remote, it does the same: it knocks at the door, works, and ends when told. */
import { setImmediate as breathe } from "node:timers/promises"
import { Pull, Push, Subscriber } from "zeromq-ts"
import { withCodec } from "zeromq-ts/codec"
import { Complaint } from "./complaint.ts"
import { workerName } from "./crew.ts"
import { counted } from "./display.ts"
import { ask } from "./door.ts"
import { checkFolder } from "./folder.ts"
import type { JoinOptions } from "./options.ts"
import { countReading, readPiece } from "./pieces.ts"
import {
  type Counted,
  ITEMS,
  type Item,
  NEWS,
  type Piece,
  PULSE,
  REPORTS,
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
  readonly #work = withCodec(new Pull({ receiveHighWaterMark: 4, linger: 0 }), ITEMS)
  readonly #results = withCodec(new Push({ linger: 300 }), REPORTS)
  readonly #news = withCodec(new Subscriber({ receiveTimeout: PULSE }), NEWS)

  constructor(folder: string) {
    this.#folder = folder
  }

  connect(work: string, results: string, news: string): void {
    this.#work.connect(work)
    this.#results.connect(results)
    this.#news.socket.subscribe("progress", "end")
    this.#news.connect(news)
  }

  async run(signal: AbortSignal): Promise<Ending> {
    const working = this.#countItems()
    const ending = await Promise.race([this.#listen(signal), working.then(() => "over" as const)])
    this.#work.close()
    this.#news.close()
    // Nobody waits for what we are at, unless we leave.
    if (ending !== "left") this.#results.socket.linger = 0
    else await working.then(() => this.#report({ type: "bye", worker: this.#name }))
    this.#results.close()
    await working
    return ending
  }

  /**
   * Until the end is announced. Answers every heartbeat with a sign of life; who has not heard the first one gets no
   * work, since he might not hear of the end either.
   */
  async #listen(signal: AbortSignal): Promise<Ending> {
    // Counted in heartbeats that we waited for, not by the clock: a laptop may sleep without losing its job.
    for (let missed = 0; missed < SILENCE; missed++) {
      try {
        const { phase } = await this.#news.receive({ signal })
        if (phase === "over") return "over"
        await this.#report({ type: "here", worker: this.#name })
        missed = 0
      } catch (error) {
        if (signal.aborted) return "left"
        if ((error as { code?: string }).code !== "EAGAIN") throw error
      }
    }
    return "vanished"
  }

  async #countItems(): Promise<void> {
    for await (const item of this.#work) {
      await this.#report({ type: "taken", worker: this.#name, item: item.id })
      const reading = await this.#count(item)
      const tally = this.#counter.take()
      await this.#report({ type: "counted", worker: this.#name, item: item.id, ...reading, ...tally })
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

  async #report(report: Report): Promise<void> {
    try {
      await this.#results.send(report)
    } catch (error) {
      if (!this.#results.closed) throw error
    }
  }
}
