import assert from "node:assert/strict"
import { describe, it } from "vitest"
import { type Lookup, tcp } from "../../../transports/tcp.ts"
import { byteHost } from "../../suites/byte-end.ts"
import { Inbox } from "../../suites/transport-bench.ts"

const bindAt = (address: string, options = {}) => new Inbox(byteHost({ options })).listen(tcp(), address)

describe("tcp events", () => {
  it("bind and close name the resolved endpoint", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const { endpoint } = inbox.listener
    await inbox.listener.close()
    await inbox.listener.close()
    assert.deepEqual(inbox.host.events, [
      { type: "bind", address: endpoint },
      { type: "close", address: endpoint },
    ])
  })

  it.each([
    ["192.0.2.77:5555", "EADDRNOTAVAIL"],
    ["taken", "EADDRINUSE"],
  ])("a failing bind to %s: close, then bind:error without scheme", async (given, code) => {
    const inbox = await bindAt("127.0.0.1:*")
    const address = given === "taken" ? inbox.listener.endpoint.slice(6) : given
    const host = byteHost({})
    await assert.rejects(
      tcp().listen(address, host, () => {}),
      { code, address: `tcp://${address}` },
    )
    assert.deepEqual(
      host.events.map(({ type }) => type),
      ["close", "bind:error"],
    )
    assert.equal("address" in host.events[0]!, false)
    assert.equal("address" in host.events[1]! && host.events[1].address, address)
    await inbox.listener.close()
  })

  it("a bind to an unknown name: ENODEV, bind:error only", async () => {
    const lookup: Lookup = () => Promise.reject(new Error("ENOTFOUND"))
    const host = byteHost({})
    const address = "no-such-host:5555"
    await assert.rejects(
      tcp({ lookup }).listen(address, host, () => {}),
      {
        code: "ENODEV",
        message: "No such device",
        address: `tcp://${address}`,
      },
    )
    assert.deepEqual(
      host.events.map(({ type }) => type),
      ["bind:error"],
    )
  })

  it("IPv6 without the option: ENODEV on bind, a silent rejection on connect", async () => {
    await assert.rejects(bindAt("[::1]:*"), { code: "ENODEV" })
    const host = byteHost({})
    await assert.rejects(tcp().dial("[::1]:5555", host))
    assert.deepEqual(host.events, [])
  })

  it("a refused connect: connect:delay, close", async () => {
    const host = byteHost({})
    await assert.rejects(tcp().dial("127.0.0.1:1", host), {
      code: "ECONNREFUSED",
      address: "tcp://127.0.0.1:1",
    })
    assert.deepEqual(host.events, [{ type: "connect:delay" }, { type: "close" }])
  })

  it("a name that doesn't resolve, and a port that can't be: nothing", async () => {
    const host = byteHost({})
    const lookup: Lookup = () => Promise.reject(new Error("ENOTFOUND"))
    await assert.rejects(tcp({ lookup }).dial("no-such-host:1", host), { code: "EHOSTUNREACH" })
    await assert.rejects(tcp().dial("127.0.0.1:99999", host))
    assert.deepEqual(host.events, [])
  })
})
