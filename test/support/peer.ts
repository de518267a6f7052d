import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { compiled } from "./compiled.ts"
import { type Answer, RemotePeer } from "./remote-peer.ts"

/** A peer in a process of its own: `native` on libzmq by way of the native package, `ours` on this library. */
export class Peer extends RemotePeer {
  readonly #child: ChildProcess
  readonly exited: Promise<void>

  private constructor(child: ChildProcess) {
    super()
    this.#child = child
    this.exited = once(child, "exit").then(() => this.abandon("the peer process has ended"))
    child.on("message", (answer: Answer) => this.settle(answer))
  }

  static async start(library: "native" | "ours"): Promise<Peer> {
    const child = fork(compiled(new URL("peer-process.ts", import.meta.url)), [library], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
    const peer = new Peer(child)
    await Promise.race([
      once(child, "message"),
      peer.exited.then(() => Promise.reject(new Error("the peer did not start"))),
    ])
    return peer
  }

  override async kill(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.exited
  }

  /** Stops the process where it stands; its connections stay open. It waits until all threads have stopped, where it can tell. */
  freeze(): void {
    this.#child.kill("SIGSTOP")
    const tasks = `/proc/${this.#child.pid}/task`
    while (existsSync(tasks) && readdirSync(tasks).some(task => !isStopped(`${tasks}/${task}/stat`)));
  }

  thaw(): void {
    this.#child.kill("SIGCONT")
  }

  protected override post(call: object): void {
    this.#child.send(call)
  }
}

/** @param file the status of a thread; its state follows the name, which is in parentheses (proc(5)) */
function isStopped(file: string): boolean {
  return /\) [TZX]/.test(readFileSync(file, "latin1"))
}
