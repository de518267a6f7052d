import { once } from "node:events"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A fresh directory, and what removes it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "ztest"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A socket file as a killed process leaves it. */
export async function leaveStale(path: string): Promise<void> {
  const server = createServer().listen(`${path}-`)
  await once(server, "listening")
  renameSync(`${path}-`, path)
  server.close()
  await once(server, "close")
}
