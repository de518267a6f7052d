import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { onTestFinished } from "vitest"

/** A Node process of its own, until the end of the test at most. */
export class Program {
  readonly #child: ChildProcess
  #out = ""
  errors = ""
  readonly ended: Promise<number | null>

  /**
   * @param args of node, such as the script, compiled, and its arguments
   * @param options.open whether its input stays open until closeInput()
   */
  constructor(args: readonly string[], { open = false }: { open?: boolean } = {}) {
    const child = spawn(process.execPath, args)
    onTestFinished(() => void child.kill("SIGKILL"))
    if (!open) child.stdin.end()
    child.stdout.on("data", data => {
      this.#out += data
    })
    child.stderr.on("data", data => {
      this.errors += data
    })
    this.ended = once(child, "close").then(([code]) => code as number | null)
    this.#child = child
  }

  closeInput(): void {
    this.#child.stdin?.end()
  }

  get output(): string[] {
    return this.#out.trim().split("\n").filter(Boolean)
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Waits for a line on the standard output, or a text among the errors. */
  async says(text: string, stream: "stdout" | "stderr" = "stdout"): Promise<void> {
    const said = () => (stream === "stdout" ? this.#out : this.errors).includes(text)
    while (!said()) await once(this.#child[stream] as NonNullable<ChildProcess["stdout"]>, "data")
  }
}
