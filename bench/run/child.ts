/**
 * The processes of a run. An order is a line on the child's input, `NAME ARGUMENT`; its answer, which is owed at some
 * time, is a line of JSON on its output. The first line, unasked, says that it is ready.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { constants } from "node:os"
import { createInterface } from "node:readline"
import { type Contender, PROGRAMS } from "./contenders.ts"
import { profilerOptions } from "./profiles.ts"
import { workshop } from "./workshop.ts"

/** Milliseconds without an answer that are a failure; nothing that is asked for takes nearly as long. */
const PATIENCE = 100_000
/** Milliseconds that a process has to end by itself. */
const NOTICE = 5_000

/** What a role is to know, beside the package: numbers and words. */
export type Parameters = Readonly<Record<string, string | number>>

const alive = new Set<Child>()

/** No child outlives the bench; should it be killed outright, the children notice by their input's end. */
process.on("exit", () => {
  for (const child of alive) child.kill()
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]))
}

export class Child {
  readonly #process: ChildProcess
  readonly #name: string
  readonly #answers: ((line: string | Error) => void)[] = []
  readonly #ready: Promise<unknown>
  /** It does not notice the end of its input while it is busy. */
  readonly #deaf: boolean

  private constructor(name: string, command: string, args: readonly string[], deaf: boolean) {
    this.#name = name
    this.#deaf = deaf
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
    alive.add(this)
    this.#process.stdin!.on("error", () => {})
    this.#process.on("error", error => this.#fail(error))
    this.#process.on("exit", (code, signal) => {
      alive.delete(this)
      this.#fail(new Error(`${name} ended by ${signal ?? `exit code ${code}`}`))
    })
    createInterface({ input: this.#process.stdout! }).on("line", line => this.#answers.shift()?.(line))
    this.#ready = this.#answer("to be ready")
  }

  /** Starts a role of a contender, and waits until it is ready. */
  static async start(role: string, contender: Contender, parameters: Parameters): Promise<Child> {
    const [command, args] = commandOf(role, contender, parameters)
    const child = new Child(`${role} of ${contender}`, command, args, PROGRAMS[contender].kind === "c")
    await child.#ready
    return child
  }

  ask(order: string, argument: string | number = ""): Promise<unknown> {
    const answer = this.#answer(`to "${order}"`)
    this.#process.stdin!.write(`${order} ${argument}\n`)
    return answer
  }

  async end(): Promise<void> {
    if (!alive.has(this)) return
    const exit = once(this.#process, "exit")
    const timer = setTimeout(() => this.kill(), NOTICE)
    if (this.#deaf) this.kill()
    this.#process.stdin!.end()
    await exit
    clearTimeout(timer)
  }

  kill(): void {
    this.#process.kill("SIGKILL")
  }

  #answer(to: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`${this.#name} gave no answer ${to} for ${PATIENCE / 1000} s`))
      const timer = setTimeout(late, PATIENCE)
      this.#answers.push(line => {
        clearTimeout(timer)
        if (line instanceof Error) reject(line)
        else resolve(JSON.parse(line))
      })
    })
  }

  #fail(error: Error): void {
    for (const answer of this.#answers.splice(0)) answer(error)
  }
}

function commandOf(role: string, contender: Contender, parameters: Parameters): [string, string[]] {
  const program = PROGRAMS[contender]
  const { script, libzmq } = workshop()
  if (program.kind === "c") return [libzmq, [role, String(parameters.size), String(parameters.curve ?? "")]]
  const packageName = program.kind === "node" ? program.packageName : "none"
  const api = program.kind === "node" ? program.api : "await"
  const curve = program.kind === "node" && parameters.curve === "default" ? program.curve : undefined
  const all = { ...parameters, api, ...(curve !== undefined && { curve }) }
  const roleOf = program.kind === "floor" ? `${contender}-${role}` : role
  const options = ["--expose-gc", ...profilerOptions(`${roleOf}-${contender}`)]
  return [process.execPath, [...options, script, roleOf, packageName, JSON.stringify(all)]]
}

/** Starts the two ends of a run, lets the one bind and the other connect, and ends them, whatever happens. */
export async function withPair<T>(
  binder: Promise<Child>,
  connector: Promise<Child>,
  endpoint: string,
  task: (binder: Child, connector: Child) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled([binder, connector])
  try {
    const [bound, connected] = await Promise.all([binder, connector])
    await connected.ask("connect", String(await bound.ask("bind", endpoint)))
    return await task(bound, connected)
  } finally {
    await Promise.all(started.map(child => (child.status === "fulfilled" ? child.value.end() : undefined)))
  }
}
