/** bindSync() and unbindSync(): what is knowable at once is done at once (zeromqjs.md 1.3, api.md point 3). */
import { networkInterfaces } from "node:os"
import { describe, expect, it } from "vitest"
import { Pull, Push } from "../src/index.ts"
import { freeEndpoint } from "./support/endpoints.ts"
import { open } from "./support/open.ts"
import { Peer } from "./support/peer.ts"

describe.each(["inproc", "tcp"] as const)("over %s", scheme => {
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

describe("over tcp", () => {
  it("takes connections of libzmq", async () => {
    await using peer = await Peer.start("native")
    const pull = open(new Pull())
    pull.bindSync("tcp://127.0.0.1:*")
    const push = await peer.call("open", "Push")
    await peer.call("connect", push, pull.lastEndpoint as string)
    await peer.call("send", push, [Buffer.from("hello").toString("base64")])
    expect(String(await pull.receive())).toBe("hello")
  })

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
    ["ipc:///tmp/somewhere", "ENOTSUP"],
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
