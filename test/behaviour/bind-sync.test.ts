/** bindSync() and unbindSync(): what is knowable at once is done at once (zeromqjs.md 1.3, api.md point 3). */
import { existsSync, lstatSync, mkdirSync, readdirSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Pull, Push } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { open } from "../support/open.ts"
import { Peer } from "../support/peer.ts"
import { leaveStale, temporaryDirectory } from "../support/temporary.ts"

describe.each(["inproc", "ipc", "tcp"] as const)("over %s", scheme => {
  it("is bound when bindSync() returns, and free when unbindSync() returns", async () => {
    const endpoint = await freeEndpoint(scheme)
    const first = open(new Pull())
    first.bindSync(endpoint)
    expect(first.lastEndpoint).toBe(endpoint)
    const second = open(new Pull())
    const taken = expect.objectContaining({ code: "EADDRINUSE", address: endpoint })
    expect(() => second.bindSync(endpoint)).toThrow(taken)
    await expect(second.bind(endpoint)).rejects.toEqual(taken)
    first.unbindSync(endpoint)
    second.bindSync(endpoint)
    const push = open(new Push())
    push.connect(endpoint)
    await push.send("to the second")
    expect(String(await second.receive())).toBe("to the second")
  })

  it("unbindSync() of an endpoint that isn't bound is ENOENT", async () => {
    const endpoint = await freeEndpoint(scheme)
    const gone = expect.objectContaining({ code: "ENOENT", address: endpoint })
    expect(() => open(new Pull()).unbindSync(endpoint)).toThrow(gone)
  })

  it("throws EBADF on a closed socket, EBUSY during a bind()", async () => {
    const endpoint = await freeEndpoint(scheme)
    const pull = open(new Pull())
    const binding = pull.bind(endpoint)
    for (const method of ["bindSync", "unbindSync"] as const)
      expect(() => pull[method](endpoint)).toThrow("Socket is blocked by a bind or unbind operation")
    await binding
    pull.close()
    for (const method of ["bindSync", "unbindSync"] as const)
      expect(() => pull[method](endpoint)).toThrow(expect.objectContaining({ code: "EBADF" }))
  })
})

describe.each(["tcp://127.0.0.1:*", "ipc://*"])("%s", address => {
  it("takes connections of libzmq", async () => {
    await using peer = await Peer.start("native")
    const pull = open(new Pull())
    pull.bindSync(address)
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("send", push, [Buffer.from("hello").toString("base64")])
    expect(String(await pull.receive())).toBe("hello")
  })
})

describe("over ipc", () => {
  const LONGEST = process.platform === "linux" ? 107 : 103
  let directory: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    directory = temporaryDirectory()
  })

  afterEach(() => directory.remove())

  it("leaves no file but its own, and takes that away", () => {
    const file = join(directory.path, "sock")
    const pull = open(new Pull())
    pull.bindSync(`ipc://${file}`)
    expect(readdirSync(directory.path)).toEqual(["sock"])
    pull.unbindSync(`ipc://${file}`)
    expect(readdirSync(directory.path)).toEqual([])
  })

  it("works, too, where no longer name fits beside the path", async () => {
    const deep = join(directory.path, "d".repeat(LONGEST - directory.path.length - 3))
    mkdirSync(deep)
    const address = `ipc://${join(deep, "s")}`
    const pull = open(new Pull())
    pull.bindSync(address)
    const push = open(new Push())
    push.connect(address)
    await push.send("deep down")
    expect(String(await pull.receive())).toBe("deep down")
    pull.unbindSync(address)
    expect(readdirSync(deep)).toEqual([])
  })

  it("is EADDRINUSE where a dead socket's file is, which bind() replaces", async () => {
    const file = join(directory.path, "sock")
    await leaveStale(file)
    const pull = open(new Pull())
    const taken = expect.objectContaining({ code: "EADDRINUSE", reason: expect.stringContaining("bind()") })
    expect(() => pull.bindSync(`ipc://${file}`)).toThrow(taken)
    expect(readdirSync(directory.path)).toEqual(["sock"])
    await pull.bind(`ipc://${file}`)
  })

  it("makes a wildcard's directory, which goes with it", () => {
    const pull = open(new Pull())
    pull.bindSync("ipc://*")
    const { lastEndpoint } = pull
    const file = lastEndpoint?.slice("ipc://".length) as string
    expect(lstatSync(file).isSocket()).toBe(true)
    pull.unbindSync(lastEndpoint as string)
    expect(existsSync(dirname(file))).toBe(false)
  })

  it.runIf(process.platform === "linux")("knows abstract names, which one socket has at a time", async () => {
    const address = `ipc://@zbind-sync-${process.pid}`
    const [pull, push] = [open(new Pull()), open(new Push())]
    pull.bindSync(address)
    expect(() => push.bindSync(address)).toThrow(expect.objectContaining({ code: "EADDRINUSE", address }))
    push.connect(address)
    await push.send("by name")
    expect(String(await pull.receive())).toBe("by name")
    pull.unbindSync(address)
    push.bindSync(address)
  })
})

describe("over tcp", () => {
  it("knows `*`, addresses, localhost and interfaces", () => {
    const pull = open(new Pull())
    const bound = (address: string) => {
      pull.bindSync(address)
      return pull.lastEndpoint
    }
    expect(bound("tcp://*:*")).toMatch(/^tcp:\/\/0\.0\.0\.0:\d+$/)
    expect(bound("tcp://localhost:*")).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
    const [name, address] = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
      (all ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => [name, address]),
    )[0] as [string, string]
    expect(bound(`tcp://${name}:*`)).toContain(`tcp://${address}:`)
    pull.ipv6 = true
    expect(bound("tcp://[::1]:*")).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
    expect(bound("tcp://*:*")).toMatch(/^tcp:\/\/\[::\]:\d+$/)
  })

  it.each([
    ["tcp://192.0.2.1:1", "EADDRNOTAVAIL"],
    ["tcp://[::1]:*", "ENODEV"],
    ["tcp://host.invalid:1", "ENOTSUP"],
    ["tcp://127.0.0.1", "EINVAL"],
    ["foo-bar", "EINVAL"],
    ["foo://bar", "EPROTONOSUPPORT"],
    ["ipc:///nowhere/at/all", "ENOENT"],
    ["ipc:///dev/null", "EADDRINUSE"],
  ])("%s throws %s, with the address", (address, code) => {
    expect(() => open(new Pull()).bindSync(address)).toThrow(expect.objectContaining({ code, address }))
  })

  it("tells the same events as bind() and unbind()", async () => {
    const pull = open(new Pull())
    const { events } = pull
    pull.bindSync("tcp://127.0.0.1:*")
    const address = pull.lastEndpoint as string
    pull.unbindSync(address)
    expect(() => pull.bindSync("tcp://192.0.2.1:1")).toThrow()
    expect(() => pull.bindSync("tcp://192.0.2.1")).toThrow()
    const seen = []
    for (let n = 0; n < 5; n++) seen.push(await events.receive())
    expect(seen).toMatchObject([
      { type: "bind", address },
      { type: "close", address },
      { type: "close" },
      { type: "bind:error", address: "192.0.2.1:1", error: { code: "EADDRNOTAVAIL" } },
      { type: "bind:error", address: "192.0.2.1", error: { code: "EINVAL" } },
    ])
  })
})
