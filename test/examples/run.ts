/** Runs an example, and waits for what it prints and how it ends. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { compiled } from "../support/compiled.ts"

const PROJECT = fileURLToPath(new URL("../../", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const running = new Set<Run>()

/** For afterEach(): a test that failed half-way leaves nothing behind. */
export async function endAll(): Promise<void> {
  for (const run of running) run.kill("SIGKILL")
  await Promise.all([...running].map(run => run.ended))
}

export class Run {
  out = ""
  err = ""
  /** When all output is closed, which is when the last process that inherited it has ended: workers too. */
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #onOutput = new Set<() => void>()

  /** Starts the example as its README says. */
  static asUser(example: string, ...args: string[]): Run {
    return new Run(["--import", "tsx", `examples/${example}/main.ts`, ...args])
  }

  /** Starts the example compiled, which is faster. Those that start themselves in threads can't be. */
  static compiled(example: string, ...args: string[]): Run {
    return new Run([compiled(new URL(`../../examples/${example}/main.ts`, import.meta.url)), ...args])
  }

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { cwd: PROJECT })
    this.#child.stdout
      ?.setEncoding("utf8")
      .on("data", (text: string) => this.#output(() => (this.out += text)))
    this.#child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => this.#output(() => (this.err += text)))
    running.add(this)
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      running.delete(this)
      this.#output(() => {})
      return { code, signal } as Ended
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The first match in what was printed on either stream, now or later. */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.err.match(pattern) ?? this.out.match(pattern)
      if (match) return match
      if (!running.has(this)) throw new Error(`ended without ${pattern}:\n${this.out}\n${this.err}`)
      await new Promise<void>(resolve => this.#onOutput.add(resolve))
    }
  }

  /** The endpoint that it prints for others. */
  async door(): Promise<string> {
    const [, door] = await this.printed(/--join (tcp:\S+)\n/)
    return door!
  }

  #output(add: () => void): void {
    add()
    for (const wake of this.#onOutput) wake()
    this.#onOutput.clear()
  }
}
