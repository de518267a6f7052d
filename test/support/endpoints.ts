import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

export type Scheme = "inproc" | "ipc" | "tcp"

const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

let last = 0

/** An endpoint that nobody is bound to, known before anybody binds. */
export async function freeEndpoint(scheme: Scheme): Promise<string> {
  const name = `${process.pid}-${++last}`
  if (scheme === "inproc") return `inproc://${name}`
  if (scheme === "ipc") return `ipc://${join(folder, name)}`
  return `tcp://127.0.0.1:${await freePort()}`
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
