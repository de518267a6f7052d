import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { PeerCommands } from "./peer-process.ts"

type Answer =
  | { readonly ready: true }
  | { readonly id: number; readonly result?: unknown; readonly error?: string; readonly code?: string }

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A peer in a process of its own: `native` on libzmq by way of the native package, `ours` on this library. */
export class Peer implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly exited: Promise<unknown>
  #lastId = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.exited = once(child, "exit").then(() => {
      for (const { reject } of this.#pending.values()) reject(new Error("the peer process has ended"))
      this.#pending.clear()
    })
    child.on("message", (answer: Answer) => this.#settle(answer))
  }

  static async start(library: "native" | "ours"): Promise<Peer> {
    const script = fileURLToPath(new URL("peer-process.ts", import.meta.url))
    const child = fork(script, [library], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
    const peer = new Peer(child)
    await Promise.race([
      once(child, "message"),
      peer.exited.then(() => Promise.reject(new Error("the peer did not start"))),
    ])
    return peer
  }

  call<C extends keyof PeerCommands>(
    command: C,
    ...args: Parameters<PeerCommands[C]>
  ): Promise<Awaited<ReturnType<PeerCommands[C]>>> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.#child.send({ id, command, args })
    })
  }

  /** At once, without a farewell to anybody. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.exited
  }

  /** Stops the process where it stands; its connections stay open. */
  freeze(): void {
    this.#child.kill("SIGSTOP")
  }

  thaw(): void {
    this.#child.kill("SIGCONT")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #settle(answer: Answer): void {
    if ("ready" in answer) return
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (answer.error === undefined) pending?.resolve(answer.result)
    else pending?.reject(Object.assign(new Error(answer.error), { code: answer.code }))
  }
}
