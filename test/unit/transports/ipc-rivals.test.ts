import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, lutimesSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { basename, join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { lockNames } from "../../../transports/ipc/path.ts"
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
    await leaveStale(lockNames(path)[0]!)
    const inbox = await bind(path)
    await canConnect(path, inbox)
    assert.deepEqual(readdirSync(directory.path), ["sock"])
    await inbox.listener.close()
  })

  it.runIf(process.getuid?.() === 0)(
    "replaces the file though other users have planted what they could",
    async () => {
      const [first, second, third, fourth] = lockNames(path)
      const planted = createServer().listen(first)
      await once(planted, "listening")
      writeFileSync(second!, "")
      for (const name of [first!, second!]) chownSync(name, 54_321, 54_321)
      mkdirSync(third!)
      await leaveStale(fourth!)
      await leaveStale(path)
      const inbox = await bind(path)
      await canConnect(path, inbox)
      assert.deepEqual(
        new Set(readdirSync(directory.path)),
        new Set(["sock", ...[first!, second!, third!].map(name => basename(name))]),
      )
      await inbox.listener.close()
      planted.close()
      await once(planted, "close")
    },
  )

  it("removes what binds have left that were killed in their midst, and nothing else", async () => {
    const longAgo = new Date(Date.now() - 3_600_000)
    const file = (name: string) => join(directory.path, name)
    for (const name of [".z0000001", ".y0000001", ".x0000001", ".z000young"]) await leaveStale(file(name))
    writeFileSync(file(".z000file"), "")
    const living = createServer().listen(file(".z0000002"))
    await once(living, "listening")
    const old = [".z0000001", ".y0000001", ".x0000001", ".z000file", ".z0000002"]
    for (const name of old) lutimesSync(file(name), longAgo, longAgo)
    const inbox = await bind(path)
    assert.deepEqual(
      new Set(readdirSync(directory.path)),
      new Set(["sock", ".x0000001", ".z000young", ".z000file", ".z0000002"]),
    )
    await inbox.listener.close()
    living.close()
    await once(living, "close")
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
