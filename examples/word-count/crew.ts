import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { hostname } from "node:os"
import { SILENCE } from "./protocol.ts"

/** Local workers that are started in the place of lost ones, in a whole run. */
const REPLACEMENTS = 4
/** Milliseconds that local workers have to end when told. */
const NOTICE = 5_000

/** Unique among machines and processes; the ventilator recognizes its own children by it. */
export function workerName(pid: number): string {
  return `${hostname()}/${pid}`
}

interface Member {
  readonly name: string
  items: number
  /** Heartbeats since the last sign of life. */
  silent: number
}

/** Who counts: processes started here, and others that joined. Tells when one of them is lost. */
export class Crew {
  readonly #onLost: (worker: string, how: string) => void
  readonly #members = new Map<string, Member>()
  readonly #children = new Map<string, ChildProcess>()
  /** Children that ended: what they sent before may still come in, and is no sign of life. */
  readonly #ended = new Set<string>()
  #replacements = 0

  constructor(onLost: (worker: string, how: string) => void) {
    this.#onLost = onLost
  }

  /** Those who have been heard of. */
  get members(): readonly Member[] {
    return [...this.#members.values()]
  }

  get size(): number {
    return this.#members.size
  }

  /** Nobody works, nor is about to. */
  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#children.size === 0
  }

  isLocal(worker: string): boolean {
    return this.#children.has(worker)
  }

  /** Starts this program once more, as a worker; it joins like any other. */
  start(door: string): void {
    const command = [...process.execArgv, process.argv[1]!, "--join", door]
    const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] })
    const name = workerName(child.pid ?? 0)
    this.#children.set(name, child)
    child.once("error", error => this.#childEnded(name, error.message))
    child.once("exit", (code, signal) => this.#childEnded(name, signal ?? `exit code ${code}`))
  }

  /** False when there have been too many. */
  replace(door: string): boolean {
    if (this.#replacements === REPLACEMENTS) return false
    this.#replacements++
    this.start(door)
    return true
  }

  kill(worker: string): void {
    this.#children.get(worker)?.kill("SIGKILL")
  }

  /** A sign of life. Returns the member, or undefined when it comes from the dead. */
  heard(worker: string): Member | undefined {
    if (this.#ended.has(worker)) return undefined
    const member = this.#members.get(worker) ?? { name: worker, items: 0, silent: 0 }
    member.silent = 0
    this.#members.set(worker, member)
    return member
  }

  left(worker: string): void {
    if (this.#members.delete(worker)) this.#onLost(worker, "left")
  }

  /** Four times a second: whoever has been silent for long is lost. */
  beat(): void {
    for (const member of this.#members.values()) {
      if (++member.silent <= SILENCE) continue
      // Stuck, and would go on swallowing its share of the work. Its end is noticed when it has ended.
      if (this.isLocal(member.name)) this.kill(member.name)
      else if (this.#members.delete(member.name)) this.#onLost(member.name, "is silent")
    }
  }

  /** When all children have ended; by force, if need be. */
  async dismissed(): Promise<void> {
    const children = [...this.#children.values()]
    const force = setTimeout(() => this.#children.forEach(child => void child.kill("SIGKILL")), NOTICE)
    await Promise.allSettled(children.map(child => once(child, "exit")))
    clearTimeout(force)
  }

  #childEnded(name: string, how: string): void {
    if (!this.#children.delete(name)) return
    this.#ended.add(name)
    this.#members.delete(name)
    this.#onLost(name, `ended (${how})`)
  }
}
