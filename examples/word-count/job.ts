import { Complaint } from "./complaint.ts"
import { Crew } from "./crew.ts"
import type { Display } from "./display.ts"
import { checkFolder, cutIntoItems, emptyListing, listFolder } from "./folder.ts"
import { Hub, portOf } from "./hub.ts"
import { Ledger } from "./ledger.ts"
import type { CountOptions } from "./options.ts"
import { type Answer, PULSE, type Question, type Report, type State } from "./protocol.ts"
import { Sink } from "./sink.ts"
import { Ventilator } from "./ventilator.ts"

/** --kill-one strikes when this share of the items has been dealt. */
const KILL_AT = 0.3

/** One count of one folder, from the listing to the totals: who is told what, and what follows from it. */
export class Job {
  readonly sink: Sink
  listing = emptyListing()
  lostWorkers = 0
  dealtAgain = 0
  /** Results that came a second time, and were left out. */
  repeated = 0
  readonly #options: CountOptions
  readonly #display: Display
  readonly #hub: Hub
  readonly #crew: Crew
  #ledger = new Ledger([])
  #ventilator: Ventilator | undefined
  #phase: State["phase"] = "listing"
  #beat = 0
  #startedAt = 0
  #endedAt = 0
  #victim: string | undefined
  #failure: unknown

  constructor(options: CountOptions, display: Display) {
    this.#options = options
    this.#display = display
    this.sink = new Sink(options.folder)
    this.#hub = new Hub(options.host)
    this.#crew = new Crew((worker, how) => this.#lost(worker, how))
  }

  get seconds(): number {
    return this.#startedAt && ((this.#endedAt || performance.now()) - this.#startedAt) / 1000
  }

  /** Resolves when all is counted or the signal was given. All is closed then, and everybody gone. */
  async run(signal: AbortSignal): Promise<void> {
    checkFolder(this.#options.folder)
    await this.#hub.bind()
    this.#display.invite(this.#hub.publicDoor, this.#options)
    signal.addEventListener("abort", () => this.#stop())
    const heart = setInterval(() => this.#pulse(), PULSE)
    const answering = this.#answer().catch(error => this.#fail(error))
    try {
      for (let i = 0; i < this.#options.workers; i++) this.#crew.start(this.#hub.localDoor)
      await Promise.all([this.#list(signal), this.#collect()])
    } finally {
      await this.#dismiss()
      clearInterval(heart)
      this.#hub.close()
      await answering
    }
    if (this.#failure) throw this.#failure
  }

  /** The workers start meanwhile. */
  async #list(signal: AbortSignal): Promise<void> {
    const { folder, bytesPerItem } = this.#options
    this.listing = await listFolder(folder, signal)
    if (signal.aborted) return
    this.#ledger = new Ledger(cutIntoItems(this.listing.files, bytesPerItem))
    this.#ventilator = new Ventilator(this.#hub.work, this.#ledger)
    this.#phase = "counting"
    this.#deal()
    if (this.#ledger.isFinished) this.#stop()
  }

  /** Until the last item is counted, or the socket is closed. */
  async #collect(): Promise<void> {
    for await (const report of this.#hub.results) {
      this.#handle(report)
      this.#deal()
      if (this.#phase === "counting" && this.#ledger.isFinished) return
    }
  }

  #handle(report: Report): void {
    const before = this.#crew.size
    const member = this.#crew.heard(report.worker)
    if (this.#crew.size > before && !this.#crew.isLocal(report.worker)) {
      this.#display.say(`worker ${report.worker} joined`)
    }
    if (report.type === "bye") this.#crew.left(report.worker)
    if (report.type === "taken" && member) {
      this.#startedAt ||= performance.now()
      this.#ledger.taken(report.item, report.worker)
      if (this.#options.killOne) this.#perhapsKill(report.worker)
    }
    // Counts are welcome even from the dead.
    if (report.type === "counted") {
      const item = this.#ledger.finish(report.item)
      if (item) this.sink.add(item, report)
      else this.repeated++
      if (item && member) member.items++
    }
  }

  #deal(): void {
    this.#ventilator?.deal(this.#crew.size, this.#beat).catch(error => this.#fail(error))
  }

  #perhapsKill(worker: string): void {
    if (this.#victim || !this.#crew.isLocal(worker)) return
    if (this.#ledger.dealt < this.#ledger.total * KILL_AT) return
    this.#victim = worker
    this.#crew.kill(worker)
  }

  #lost(worker: string, how: string): void {
    // At the end all leave, but not by force.
    const isOver = this.#phase === "over"
    if (isOver && worker !== this.#victim) return
    const again = this.#ledger.lose(worker)
    this.lostWorkers++
    this.dealtAgain += again
    const whose = worker === this.#victim ? " as --kill-one wanted" : ""
    this.#display.say(`worker ${worker} ${how}${whose}; items dealt again: ${again}`)
    if (isOver) return
    if (this.#crew.isEmpty) this.#lostAll()
    this.#deal()
  }

  #lostAll(): void {
    if (this.#options.workers === 0) this.#display.say("no workers left; waiting for others to join")
    else if (this.#crew.replace(this.#hub.localDoor))
      this.#display.say("no workers left; starting another one")
    else this.#fail(new Complaint("giving up: no worker stays alive", 1))
  }

  #pulse(): void {
    const state = this.#state()
    if (this.#phase !== "over") {
      this.#beat++
      this.#crew.beat()
      this.dealtAgain += this.#ledger.dealOverdue(this.#beat)
      this.#deal()
      this.#display.update(state)
    }
    this.#hub.news.send(state).catch(error => this.#fail(error))
  }

  /** Until the door is closed. */
  async #answer(): Promise<void> {
    for await (const question of this.#hub.door) await this.#hub.door.send(this.#answerTo(question))
  }

  #answerTo(question: Question): Answer {
    if (question.type !== "join" || this.#phase === "over") return this.#state()
    return {
      type: "welcome",
      folder: this.#options.folder,
      work: portOf(this.#hub.work),
      results: portOf(this.#hub.results),
      news: portOf(this.#hub.news),
    }
  }

  #state(): State {
    const { listing, sink } = this
    return {
      type: "state",
      phase: this.#phase,
      folder: this.#options.folder,
      items: { done: this.#ledger.done, total: this.#ledger.total },
      files: { done: sink.files, total: listing.files.length },
      bytes: { done: sink.totals.bytes, total: listing.bytes },
      seconds: this.seconds,
      workers: this.#crew.members.map(({ name, items }) => ({ name, items })),
    }
  }

  /** The end is announced at once and, as somebody may be just coming in, at every beat until all have left. */
  async #dismiss(): Promise<void> {
    this.#endedAt = performance.now()
    this.#phase = "over"
    this.#display.finish(this.#state())
    this.#pulse()
    await this.#crew.dismissed()
  }

  #fail(error: unknown): void {
    // What was under way when the sockets were closed.
    if (this.#phase === "over") return
    this.#failure ??= error
    this.#stop()
  }

  /** Ends #collect(), and with it the run. */
  #stop(): void {
    this.#hub.results.close()
  }
}
