import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs"
import { open } from "node:fs/promises"
import { connect } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "vitest"
import type { Connection } from "../../../src/contracts/connection.ts"
import type { Listener } from "../../../src/contracts/transport.ts"
import { type Lookup, tcp } from "../../../transports/tcp.ts"
import { BYTE_KIND, byteHost } from "../../suites/byte-end.ts"
import { Inbox, turn } from "../../suites/transport-bench.ts"
import { freePort } from "../../support/endpoints.ts"

const V6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === "::1"))

const bindAt = (address: string, options = {}) => new Inbox(byteHost({ options })).listen(tcp(), address)
const portOf = (listener: Listener) => listener.endpoint.slice(listener.endpoint.lastIndexOf(":") + 1)

async function closeBoth(inbox: Inbox, dialling: Promise<Connection>): Promise<void> {
  const [near, far] = await Promise.all([dialling, inbox.next()])
  await BYTE_KIND.close(near, far)
  await inbox.listener.close()
}

describe("tcp dialling", () => {
  it("resolves names anew at each attempt", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const answers = ["127.0.0.2", "127.0.0.1"]
    const asked: unknown[] = []
    const lookup: Lookup = async (name, family) => {
      asked.push([name, family])
      return [{ address: answers.shift()!, family: 4 }]
    }
    const transport = tcp({ lookup })
    const address = `moving:${portOf(inbox.listener)}`
    await assert.rejects(transport.dial(address, byteHost({})), { code: "ECONNREFUSED" })
    await closeBoth(inbox, transport.dial(address, byteHost({})))
    assert.deepEqual(asked, [
      ["moving", 4],
      ["moving", 4],
    ])
  })

  it("tries every address in order, as one attempt", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const lookup: Lookup = async () =>
      ["127.0.0.3", "127.0.0.2", "127.0.0.1"].map(address => ({ address, family: 4 }))
    const host = byteHost({})
    await closeBoth(inbox, tcp({ lookup }).dial(`many:${portOf(inbox.listener)}`, host))
    assert.deepEqual(host.events, [{ type: "connect:delay" }])
  })

  describe.each([
    ["IPv4", "127.0.0.1", true],
    ["IPv6", "[::1]", V6],
  ])("a connection that leads back to itself, %s", (_, host, possible) => {
    const options = { ipv6: true }
    it.runIf(possible)("counts as refused, and keeps the port from nobody", async () => {
      const port = await freePort()
      const dialler = byteHost({ options })
      const self = `${host}:${port}`
      await assert.rejects(tcp().dial(`${self};${self}`, dialler), { code: "ECONNREFUSED" })
      assert.deepEqual(dialler.events, [{ type: "connect:delay" }, { type: "close" }])
      const inbox = await bindAt(self, options)
      await closeBoth(inbox, tcp().dial(self, byteHost({ options })))
    })

    it.runIf(possible)("likewise when it was to lead to a proxy", async () => {
      const self = `${host}:${await freePort()}`
      const dialler = byteHost({ options: { ...options, socksProxy: self } })
      await assert.rejects(tcp().dial(`${self};example.org:5555`, dialler), { code: "ECONNREFUSED" })
    })
  })

  it.each(["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:FFFF:127.0.0.1]"])(
    "reaches %s without ipv6, too: what a server bound with ipv6 is called",
    async host => {
      const inbox = await bindAt("127.0.0.1:*")
      await closeBoth(inbox, tcp().dial(`${host}:${portOf(inbox.listener)}`, byteHost({})))
    },
  )

  it.each(["[::1]", "[1::ffff:127.0.0.1]"])("doesn't reach %s without ipv6", async host => {
    await assert.rejects(tcp().dial(`${host}:5555`, byteHost({})), {
      code: "EHOSTUNREACH",
      reason: "the option ipv6 is off",
    })
  })

  it.runIf(process.platform === "linux")("reaches localhost while nobody can be looked up", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pool-"))
    const blocking = Array.from({ length: 4 }, (_, n) => join(folder, `${n}`))
    spawnSync("mkfifo", blocking)
    // Each waits, in a thread of the pool, until somebody writes.
    const blocked = blocking.map(path => open(path, "r"))
    const inbox = await bindAt("localhost:*")
    await closeBoth(inbox, tcp().dial(`localhost:${portOf(inbox.listener)}`, byteHost({})))
    const writers = blocking.map(path => openSync(path, "r+"))
    for (const file of await Promise.all(blocked)) await file.close()
    for (const writer of writers) closeSync(writer)
    rmSync(folder, { recursive: true })
  })

  it("tries the next address of a name when one leads back to itself", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const port = portOf(inbox.listener)
    const lookup: Lookup = async () => ["127.0.0.2", "127.0.0.1"].map(address => ({ address, family: 4 }))
    await closeBoth(inbox, tcp({ lookup }).dial(`127.0.0.2:${port};both:${port}`, byteHost({})))
  })

  it.runIf(V6)("with ipv6 reaches whichever family listens, and * hears both", async () => {
    const lookup: Lookup = async (_, family) => {
      assert.equal(family, 0)
      return [
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]
    }
    const options = { ipv6: true }
    const v4 = await bindAt("127.0.0.1:*")
    await closeBoth(v4, tcp({ lookup }).dial(`both:${portOf(v4.listener)}`, byteHost({ options })))
    for (const address of ["127.0.0.1", "[::1]"]) {
      const dual = await bindAt("*:*", options)
      await closeBoth(dual, tcp().dial(`${address}:${portOf(dual.listener)}`, byteHost({ options })))
    }
  })

  it("connects from the given source", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const dialling = tcp().dial(`127.0.0.9:0;127.0.0.1:${portOf(inbox.listener)}`, byteHost({}))
    const [near, far] = await Promise.all([dialling, inbox.next()])
    assert.match(far.remote, /^tcp:\/\/127\.0\.0\.9:\d+$/)
    assert.equal(near.local, far.remote)
    await BYTE_KIND.close(near, far)
    await inbox.listener.close()
    await assert.rejects(tcp().dial("no-such-nic:0;127.0.0.1:1", byteHost({})), { code: "ENODEV" })
  })

  it.runIf(process.platform === "linux")("gives up after connectTimeout, or when aborted", async () => {
    const full = await fullListener()
    const timed = byteHost({ options: { connectTimeout: 20 } })
    await assert.rejects(tcp().dial(full.address, timed), { code: "ETIMEDOUT" })
    assert.deepEqual(timed.events, [{ type: "connect:delay" }, { type: "close" }])
    const aborted = byteHost({})
    const dialling = tcp().dial(full.address, aborted)
    await turn()
    aborted.abort.abort()
    await assert.rejects(dialling, { code: "ECONNABORTED" })
    assert.deepEqual(aborted.events, [{ type: "connect:delay" }])
    full.close()
  })

  it("aborts while a name is looked up", async () => {
    const lookup: Lookup = () => new Promise(() => {})
    const host = byteHost({})
    const dialling = tcp({ lookup }).dial("slow:1", host)
    host.abort.abort()
    await assert.rejects(dialling, { code: "ECONNABORTED" })
  })

  it("takes every keepalive setting", async () => {
    for (const tcpKeepalive of [-1, 0, 1]) {
      for (const tcpKeepaliveIdle of [-1, 60]) {
        const options = { tcpKeepalive, tcpKeepaliveIdle }
        const inbox = await bindAt("127.0.0.1:*", options)
        await closeBoth(inbox, tcp().dial(inbox.listener.endpoint.slice(6), byteHost({ options })))
      }
    }
  })
})

/** A listener whose queue is full: its process accepts nothing, so that Linux drops what further comes. */
async function fullListener(): Promise<{ address: string; close(): void }> {
  const script = `
    const server = require("node:net").createServer().listen(0, "127.0.0.1", 1, () => {
      require("node:fs").writeSync(1, String(server.address().port))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  const port = Number(String((await once(child.stdout, "data"))[0]))
  // One more than the backlog fits.
  const fillers = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")]
  await Promise.all(fillers.map(filler => once(filler, "connect")))
  for (const filler of fillers) filler.on("error", () => {})
  const close = () => {
    for (const filler of fillers) filler.destroy()
    child.kill("SIGKILL")
  }
  return { address: `127.0.0.1:${port}`, close }
}
