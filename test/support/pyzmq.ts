/** A peer on pyzmq in a process of its own, where Debian's python3-zmq is installed. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"

/** Debian's, because others may come without its packages. */
export const PYTHON = "/usr/bin/python3"
const SCRIPT = fileURLToPath(new URL("./pyzmq-peer.py", import.meta.url))

/** Why these modules of Python can't be used here; undefined where they can. */
export function missingModules(debian: string, ...modules: string[]): string | undefined {
  const { status } = spawnSync(PYTHON, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" })
  return status === 0 ? undefined : `no ${modules.join(", ")} for ${PYTHON} (Debian's ${debian})`
}

export const PYZMQ_MISSING: string | undefined = missingModules("python3-zmq", "zmq")

interface Commands {
  /** With users or public keys there is an authenticator, which lets in only these. */
  open(
    name: string,
    type: string,
    options: Readonly<Record<string, string | number>>,
    users?: Readonly<Record<string, string>> | null,
    keys?: readonly string[] | null,
  ): void
  bind(name: string, endpoint: string): string
  connect(name: string, endpoint: string): void
  /** Messages numbered from … to - 1, with a second part of this size. */
  send(name: string, from: number, to: number, size: number): void
  receive(name: string, from: number, to: number, size: number): void
  ask(name: string, from: number, to: number, size: number): void
  echo(name: string, count: number): void
  /** Waits for a failed handshake. */
  failure(name: string): [kind: "auth" | "protocol" | "other", status: number]
  version(): string
}

export class PyZmq {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  #last: Promise<unknown> = Promise.resolve()

  constructor() {
    this.#child = spawn(PYTHON, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** One after the other: the peer does one thing at a time. */
  call<C extends keyof Commands>(
    command: C,
    ...args: Parameters<Commands[C]>
  ): Promise<ReturnType<Commands[C]>> {
    const answered = this.#last.then(async () => {
      this.#child.stdin.write(`${JSON.stringify([command, ...args])}\n`)
      const { done, value } = await this.#lines.next()
      const { result, error } = done ? { error: "the peer has ended" } : JSON.parse(value)
      if (error !== undefined) throw new Error(error)
      return result
    })
    this.#last = answered.catch(() => {})
    return answered
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill("SIGKILL")
    await once(this.#child, "exit")
  }
}
