/** One run: a pair of processes, a warm-up that finds out how fast they are, and the part that counts. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { constants } from "node:os"
import { join } from "node:path"
import type { Answer, Order, Role } from "./orders.ts"
import { type Kind, type Library, PACKAGES, type Row, type Run, type Transport } from "./rows.ts"
import { openWorkshop, type Workshop } from "./workshop.ts"

/** Seconds that a warm-up takes at least, and that the timed part takes about. */
export interface Pace {
  readonly warmUp: number
  readonly timed: number
}

export const FULL: Pace = { warmUp: 0.5, timed: 1.25 }
export const QUICK: Pace = { warmUp: 0.15, timed: 0.3 }

/** Messages of the first round of a warm-up. */
const FIRST_ROUND = 64
/** A round is at most so many times as long as the one before. */
const GROWTH = 8
/** Milliseconds without an answer that are a failure; no round takes nearly as long. */
const PATIENCE = 60_000
/** Milliseconds that a process has to end by itself. */
const NOTICE = 5_000

const ROLES: Readonly<Record<Kind, { readonly connects: Role; readonly binds: Role }>> = {
  "push-pull": { connects: "push", binds: "pull" },
  "req-rep": { connects: "req", binds: "rep" },
}

const alive = new Set<Peer>()
let workshop: Workshop | undefined
let endpoints = 0

/** No child outlives the bench; should it be killed outright, the children notice by their channel. */
process.on("exit", () => {
  for (const peer of alive) peer.kill()
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]))
}

/** A child process that does one end's part. */
class Peer {
  readonly ready: Promise<Answer>
  readonly #child: ChildProcess
  readonly #name: string

  constructor(role: Role, library: Library, size: number, nodeOptions: readonly string[]) {
    this.#name = `${role} on ${PACKAGES[library]}`
    workshop ??= openWorkshop()
    const args = [...nodeOptions, workshop.script, role, PACKAGES[library], String(size)]
    this.#child = spawn(process.execPath, args, {
      stdio: ["ignore", process.stderr, "inherit", "ipc"],
    })
    alive.add(this)
    this.#child.once("exit", () => alive.delete(this))
    this.ready = this.#answer()
  }

  ask(order: Order): Promise<Answer> {
    const answer = this.#answer()
    this.#child.send(order)
    return answer
  }

  async end(): Promise<void> {
    if (!alive.has(this)) return
    const exit = once(this.#child, "exit")
    const timer = setTimeout(() => this.kill(), NOTICE)
    this.#child.disconnect()
    await exit
    clearTimeout(timer)
  }

  kill(): void {
    this.#child.kill("SIGKILL")
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const child = this.#child
      const stop = () => {
        clearTimeout(timer)
        child.off("message", answered).off("exit", exited).off("error", reject)
      }
      const answered = (answer: unknown) => {
        stop()
        resolve(answer as Answer)
      }
      const exited = (code: number | null, signal: string | null) => {
        stop()
        reject(new Error(`${this.#name} ended by ${signal ?? `exit code ${code}`}`))
      }
      const late = () => {
        stop()
        reject(new Error(`${this.#name} gave no answer for ${PATIENCE / 1000} s`))
      }
      const timer = setTimeout(late, PATIENCE)
      child.on("message", answered).on("exit", exited).on("error", reject)
    })
  }
}

/** Both ends on the same library. With a folder for profiles, each process leaves one there. */
export async function measure(row: Row, library: Library, pace: Pace, profiles?: string): Promise<Run> {
  const roles = ROLES[row.kind]
  const start = (role: Role) =>
    new Peer(role, library, row.size, profilerOptions(profiles, `${row.name} ${library} ${role}`))
  const bound = start(roles.binds)
  const connected = start(roles.connects)
  try {
    await Promise.all([bound.ready, connected.ready])
    const answer = await bound.ask({ order: "bind", address: freshAddress(row.transport) })
    if (answer.answer !== "bound") throw new Error(`unexpected answer ${answer.answer}`)
    await connected.ask({ order: "connect", address: answer.address })
    return await calibrated(pace, row.kind === "push-pull" ? throughput : roundTrips)
  } finally {
    await Promise.all([connected.end(), bound.end()])
  }

  async function throughput(count: number): Promise<Run> {
    await bound.ask({ order: "expect", count })
    const [answer] = await Promise.all([
      bound.ask({ order: "finish" }),
      connected.ask({ order: "run", count }),
    ])
    return resultOf(answer, count)
  }

  async function roundTrips(count: number): Promise<Run> {
    return resultOf(await connected.ask({ order: "run", count }), count)
  }
}

/** Ever longer rounds until the warm-up's time is over, then the one that counts, as long as the last speed suggests. */
async function calibrated(pace: Pace, round: (count: number) => Promise<Run>): Promise<Run> {
  let count = FIRST_ROUND
  let spent = 0
  for (;;) {
    const { seconds } = await round(count)
    const speed = count / seconds
    spent += seconds
    if (spent >= pace.warmUp) return round(Math.max(FIRST_ROUND, Math.round(speed * pace.timed)))
    count = Math.ceil(Math.max(count, Math.min(count * GROWTH, (speed * pace.warmUp) / 2)))
  }
}

function resultOf(answer: Answer, count: number): Run {
  if (answer.answer !== "result") throw new Error(`unexpected answer ${answer.answer}`)
  if (answer.run.count !== count) throw new Error(`${answer.run.count} messages instead of ${count}`)
  return answer.run
}

function freshAddress(transport: Transport): string {
  if (transport === "tcp") return "tcp://127.0.0.1:*"
  return `ipc://${join(workshop!.folder, String(++endpoints))}`
}

let profiled = 0

function profilerOptions(profiles: string | undefined, name: string): string[] {
  if (profiles === undefined) return []
  const file = `${name}-${++profiled}.cpuprofile`.replaceAll(" ", "-")
  return ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${file}`]
}
