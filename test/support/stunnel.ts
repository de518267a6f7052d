/** Debian's stunnel4: a TLS terminator in a process of its own, where it is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { Identity } from "./certificates.ts"
import { temporaryDirectory } from "./temporary.ts"

/** Why there can be no terminator here; undefined where there can. */
export const STUNNEL_MISSING: string | undefined =
  spawnSync("stunnel4", ["-version"]).error === undefined
    ? undefined
    : "no stunnel4 (Debian's package of that name)"

interface Settings extends Identity {
  /** "server" speaks TLS with those who connect to it, "client" with the one it connects to. */
  readonly side: "server" | "client"
  /** Port where it listens, and where it connects to. */
  readonly accept: number
  readonly connect: number
  /** The authority of the other side's certificate, which is asked for. */
  readonly ca: string
}

/** Starts a terminator at 127.0.0.1, which runs until the end of the test at most. */
export async function startStunnel(settings: Settings): Promise<{ stop(): Promise<void> }> {
  const folder = temporaryDirectory()
  const child = spawn("stunnel4", [configuration(folder.path, settings)], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill("SIGKILL")
    await once(child, "exit")
  }
  onTestFinished(async () => {
    await stop()
    folder.remove()
  })
  await listening(child)
  return { stop }
}

function configuration(folder: string, { side, accept, connect, ca, cert, key }: Settings): string {
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  return write(
    "stunnel.conf",
    `foreground = yes
pid =
syslog = no
[zmtp]
client = ${side === "client" ? "yes" : "no"}
accept = 127.0.0.1:${accept}
connect = 127.0.0.1:${connect}
cert = ${write("cert.pem", cert)}
key = ${write("key.pem", key)}
CAfile = ${write("ca.pem", ca)}
verifyChain = yes
requireCert = yes
`,
  )
}

/** Its log says so right before it listens; who comes earlier is refused, and tries again. */
async function listening(child: ChildProcess): Promise<void> {
  let log = ""
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`stunnel has ended: ${log}`)))
  ended.catch(() => {})
  child.stderr?.on("data", data => {
    log += data
  })
  while (!log.includes("Configuration successful")) await Promise.race([once(child.stderr!, "data"), ended])
}
