import assert from "node:assert/strict"
import { once } from "node:events"
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { ipc } from "../../../transports/ipc.ts"
import { BYTE_KIND, byteHost } from "../../suites/byte-end.ts"
import { byteTransportSuite } from "../../suites/byte-transport.ts"
import { DEFAULT_OPTIONS, Inbox, type TransportSetup } from "../../suites/transport-bench.ts"
import { leaveStale, temporaryDirectory } from "../../support/temporary.ts"

const LINUX = process.platform === "linux"
const LIMIT = LINUX ? 107 : 103

byteTransportSuite("ipc, path", { describe, it }, () => setupIn("path"))
byteTransportSuite("ipc, wildcard", { describe, it }, () => {
  const setup = setupIn("path")
  const restore = setTemporary(dirname(setup.nobody))
  const cleanup = () => {
    restore()
    return setup.cleanup?.()
  }
  return { ...setup, address: "*", ephemeral: true, cleanup }
})
describe.runIf(LINUX)("on Linux", () => {
  let count = 0
  byteTransportSuite("ipc, abstract name", { describe, it }, () => {
    return { ...setupIn("path"), address: `@ztest-${process.pid}-${count++}`, malformed: ["", "@", "a\0b"] }
  })
})

function setupIn(name: string): TransportSetup {
  const directory = temporaryDirectory()
  return {
    transport: ipc(),
    address: join(directory.path, name),
    nobody: join(directory.path, "nobody"),
    malformed: ["", "a\0b"],
    cleanup: directory.remove,
  }
}

describe("the file of a socket", () => {
  const access = (path: string) => [lstatSync(path).mode & 0o777, lstatSync(path).gid]

  it.each(["listen", "listenSync"] as const)("has the mode of the option, %s", async how => {
    const directory = temporaryDirectory()
    const path = join(directory.path, "sock")
    for (const ipcMode of [0o600, 0o660, 0o777]) {
      const listener = await ipc()[how]!(path, byteHost({ options: { ipcMode } }), () => {})
      assert.equal(access(path)[0], ipcMode)
      await listener.close()
    }
    directory.remove()
  })

  it("of a wildcard can be reached by those of its mode, and by nobody else", async () => {
    const directory = temporaryDirectory()
    const restore = setTemporary(directory.path)
    for (const [ipcMode, folder] of [
      [-1, 0o700],
      [0o600, 0o700],
      [0o660, 0o710],
      [0o666, 0o711],
    ] as const) {
      const listener = await ipc().listen("*", byteHost({ options: { ipcMode } }), () => {})
      assert.equal(access(dirname(listener.endpoint.slice("ipc://".length)))[0], folder)
      await listener.close()
    }
    restore()
    directory.remove()
  })

  it.runIf(process.getuid?.() === 0)("has the group of the option", async () => {
    const directory = temporaryDirectory()
    const path = join(directory.path, "sock")
    const listener = await ipc().listen(path, byteHost({ options: { ipcGroup: 54_321 } }), () => {})
    assert.equal(access(path)[1], 54_321)
    await listener.close()
    directory.remove()
  })

  it.runIf(process.getuid !== undefined && process.getuid() !== 0)(
    "for another group is an error with the system's code, and leaves nothing behind",
    async () => {
      const directory = temporaryDirectory()
      const path = join(directory.path, "sock")
      await assert.rejects(
        ipc().listen(path, byteHost({ options: { ipcGroup: 0 } }), () => {}),
        { code: "EPERM" },
      )
      assert.deepEqual(readdirSync(directory.path), [])
      directory.remove()
    },
  )
})

describe("ipc", () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let path: string

  beforeEach(() => {
    directory = temporaryDirectory()
    path = join(directory.path, "sock")
  })

  afterEach(() => {
    directory.remove()
  })

  const bind = (address: string) => new Inbox(byteHost({})).listen(ipc(), address)
  const canConnect = async (address: string, inbox: Inbox) => {
    const [near, far] = await Promise.all([ipc().dial(address, byteHost({})), inbox.next()])
    await BYTE_KIND.close(near, far)
  }

  it("removes its file on close, and leaves no other", async () => {
    const inbox = await bind(path)
    assert.ok(lstatSync(path).isSocket())
    assert.deepEqual(readdirSync(directory.path), ["sock"])
    await inbox.listener.close()
    assert.deepEqual(readdirSync(directory.path), [])
  })

  it("replaces the file of a dead listener", async () => {
    await leaveStale(path)
    const inbox = await bind(path)
    await canConnect(path, inbox)
    assert.deepEqual(readdirSync(directory.path), ["sock"])
    await inbox.listener.close()
  })

  it("leaves a live listener of any kind alone", async () => {
    const server = createServer().listen(path)
    await once(server, "listening")
    await assert.rejects(bind(path), { code: "EADDRINUSE", address: `ipc://${path}` })
    assert.deepEqual(readdirSync(directory.path), ["sock"])
    server.close()
  })

  it("leaves files and directories alone", async () => {
    writeFileSync(path, "precious")
    await assert.rejects(bind(path), { code: "EADDRINUSE" })
    assert.equal(readFileSync(path, "utf8"), "precious")
    mkdirSync(join(directory.path, "dir"))
    await assert.rejects(bind(join(directory.path, "dir")), { code: "EADDRINUSE" })
    assert.ok(existsSync(join(directory.path, "dir")))
  })

  it("does not remove a file that is another's by now", async () => {
    const first = await bind(path)
    renameSync(path, `${path}.moved`)
    const second = await bind(path)
    await first.listener.close()
    await canConnect(path, second)
    await second.listener.close()
    assert.equal(existsSync(path), false)
  })

  it("holds to that without a private name, too", async () => {
    // So deep that no longer name than the last one fits.
    const deep = join(directory.path, "d".repeat(LIMIT - directory.path.length - 4))
    mkdirSync(deep)
    const short = join(deep, "s")
    const first = await bind(short)
    await canConnect(short, first)
    renameSync(short, `${short}2`)
    const second = await bind(short)
    await first.listener.close()
    await canConnect(short, second)
    await second.listener.close()
    assert.deepEqual(readdirSync(deep), ["s2"])
    renameSync(`${short}2`, short)
    const third = await bind(short)
    await canConnect(short, third)
    await third.listener.close()
  })

  it("counts the length of a path in bytes", () => {
    const transport = ipc()
    const checkConnect = (address: string) => transport.checkConnect(address, DEFAULT_OPTIONS)
    for (const check of [transport.checkBind, checkConnect]) {
      check("x".repeat(LIMIT))
      check(`${"ü".repeat((LIMIT - 1) / 2)}x`)
      assert.throws(() => check("x".repeat(LIMIT + 1)), { code: "ENAMETOOLONG" })
      assert.throws(() => check("ü".repeat((LIMIT + 1) / 2)), { code: "ENAMETOOLONG" })
    }
  })

  it("binds and connects paths of the full length", async () => {
    const long = join(directory.path, "x".repeat(LIMIT - directory.path.length - 1))
    const inbox = await bind(long)
    await canConnect(long, inbox)
    await inbox.listener.close()
  })

  it("tells why it can't bind", async () => {
    const missing = join(directory.path, "missing", "sock")
    await assert.rejects(bind(missing), {
      code: "ENOENT",
      message: "No such endpoint",
      address: `ipc://${missing}`,
    })
    writeFileSync(path, "")
    await assert.rejects(bind(join(path, "sock")), { code: "ENOTDIR" })
  })

  it("binds a wildcard in a directory of its own, which goes with it", async () => {
    const restore = setTemporary(directory.path)
    try {
      const inbox = await bind("*")
      const { endpoint } = inbox.listener
      assert.match(endpoint, /^ipc:\/\/.*\/tmp\w{6}\/socket$/)
      assert.ok(endpoint.startsWith(`ipc://${directory.path}/`))
      await inbox.listener.close()
      assert.deepEqual(readdirSync(directory.path), [])
    } finally {
      restore()
    }
  })

  it("reports as libzmq does", async () => {
    const inbox = await bind(path)
    const endpoint = `ipc://${path}`
    const rival = byteHost({})
    await assert.rejects(ipc().listen(path, rival, () => {}))
    assert.deepEqual(
      rival.events.map(({ type }) => type),
      ["close", "bind:error"],
    )
    assert.deepEqual(
      rival.events.map(event => "address" in event && event.address),
      [endpoint, path],
    )
    const dialler = byteHost({})
    await canConnect(path, inbox)
    await inbox.listener.close()
    assert.deepEqual(inbox.host.events, [
      { type: "bind", address: endpoint },
      { type: "close", address: endpoint },
    ])
    await assert.rejects(ipc().dial(path, dialler), { code: "ENOENT", address: endpoint })
    assert.deepEqual(dialler.events, [{ type: "close" }])
  })

  it("gives up a bind whose endpoint was closed meanwhile", async () => {
    const host = byteHost({})
    const binding = ipc().listen(path, host, () => {})
    host.abort.abort()
    await assert.rejects(binding)
    assert.deepEqual(readdirSync(directory.path), [])
  })
})

/** Sets where wildcards go; returns what undoes it. */
function setTemporary(path: string): () => void {
  const before = process.env.TMPDIR
  process.env.TMPDIR = path
  return () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}
