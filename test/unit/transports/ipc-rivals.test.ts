import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { ipc } from "../../../transports/ipc.ts"
import { BYTE_KIND, byteHost } from "../../suites/byte-end.ts"
import { Inbox } from "../../suites/transport-bench.ts"
import { compiled } from "../../support/compiled.ts"
import { leaveStale, temporaryDirectory } from "../../support/temporary.ts"

describe("ipc binders at once", () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let path: string
  const children: ChildProcess[] = []

  beforeEach(() => {
    directory = temporaryDirectory()
    path = join(directory.path, "sock")
  })

  afterEach(() => {
    for (const child of children.splice(0)) child.kill()
    directory.remove()
  })

  const bind = (address: string) => new Inbox(byteHost({})).listen(ipc(), address)
  const canConnect = async (address: string, inbox: Inbox) => {
    const [near, far] = await Promise.all([ipc().dial(address, byteHost({})), inbox.next()])
    await BYTE_KIND.close(near, far)
  }

  it("lets one of many binders in this process win, stale file or not", async () => {
    for (const stale of [false, true]) {
      if (stale) await leaveStale(path)
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => bind(path)))
      const winners = results.flatMap(result => (result.status === "fulfilled" ? [result.value] : []))
      assert.equal(winners.length, 1)
      for (const result of results) {
        if (result.status === "rejected") assert.equal(result.reason.code, "EADDRINUSE")
      }
      assert.deepEqual(readdirSync(directory.path), ["sock"])
      await canConnect(path, winners[0]!)
      await winners[0]!.listener.close()
    }
  })

  it("lets one of several processes win, stale file or not", async () => {
    for (const stale of [false, true]) {
      if (stale) await leaveStale(path)
      const rivals = await Promise.all([1, 2, 3].map(() => startRival(path, children)))
      const answers = await Promise.all(
        rivals.map(async rival => {
          const answer = once(rival.stdout!, "data")
          rival.stdin!.write("go")
          return String((await answer)[0])
        }),
      )
      assert.deepEqual(answers.sort(), ["EADDRINUSE", "EADDRINUSE", "bound"])
      for (const rival of rivals) {
        const exit = once(rival, "exit")
        rival.kill("SIGKILL")
        await exit
      }
    }
  })

  it("recovers from a rival that died while it replaced the file", async () => {
    await leaveStale(path)
    const lock = await import("../../../transports/ipc/path.ts").then(module => module.lockName(path)!)
    await leaveStale(lock)
    const inbox = await bind(path)
    await canConnect(path, inbox)
    assert.deepEqual(readdirSync(directory.path), ["sock"])
    await inbox.listener.close()
  })
})

async function startRival(path: string, children: ChildProcess[]): Promise<ChildProcess> {
  const script = compiled(new URL("../../support/bind-once.ts", import.meta.url))
  const rival = spawn(process.execPath, [script, path], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  children.push(rival)
  await once(rival.stdout, "data")
  return rival
}
