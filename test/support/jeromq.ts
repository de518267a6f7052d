/** Peers that speak ZMTP 2.0: JeroMQ 0.3.6 in a Java process, where the machine has both. */
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const JAR = "/usr/share/java/jeromq-0.3.6.jar"
const SOURCE = fileURLToPath(new URL("./JeroMq.java", import.meta.url))

/** Why there can be no such peers here; undefined where there can. */
export function missing(): string | undefined {
  if (!existsSync(JAR)) return `no ${JAR} (Debian's libjeromq-java)`
  return spawnSync("javac", ["-version"]).status === 0 ? undefined : "no javac"
}

/** Compiles the peer's program into a folder. */
export function compilePeer(folder: string): void {
  execFileSync("javac", ["-cp", JAR, "-d", folder, SOURCE])
}

/** A peer, until the end of the test at most. */
export class JeroMq {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  /** @param folder of the compiled program */
  constructor(folder: string, type: string, role: "bind" | "connect", endpoint: string, count: number) {
    const args = ["-cp", `${JAR}:${folder}`, "JeroMq", type, role, endpoint, String(count)]
    this.#child = spawn("java", args, { stdio: ["pipe", "pipe", "inherit"] })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
    onTestFinished(() => void this.#child.kill("SIGKILL"))
  }

  /** The next line that it prints; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next()
    return done ? undefined : value
  }

  async lines(count: number): Promise<(string | undefined)[]> {
    const lines: (string | undefined)[] = []
    while (lines.length < count) lines.push(await this.line())
    return lines
  }
}
