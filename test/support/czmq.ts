/** A peer on czmq, compiled when it is needed, where Debian's libczmq-dev is installed. */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const SOURCE = fileURLToPath(new URL("./czmq-peer.c", import.meta.url))

function missing(): string | undefined {
  if (!existsSync("/usr/include/czmq.h")) return "no /usr/include/czmq.h (Debian's libczmq-dev)"
  return spawnSync("cc", ["--version"]).error === undefined ? undefined : "no cc"
}

/** Why there can be no such peer here; undefined where there can. */
export const CZMQ_MISSING: string | undefined = missing()

/** Compiles the peer's program into a folder, and returns its path. */
export function compileCzmqPeer(folder: string): string {
  const path = join(folder, "czmq-peer")
  execFileSync("cc", ["-o", path, SOURCE, "-lczmq", "-lzmq"])
  return path
}

/** Runs the program, until the end of the test at most, and returns the words of its first line. */
export async function czmqSays(program: string, ...args: string[]): Promise<string[]> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  for await (const line of createInterface(child.stdout)) return line.split(" ")
  throw new Error(`czmq-peer ${args[0]} has said nothing`)
}
