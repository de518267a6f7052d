import assert from "node:assert/strict"
import { networkInterfaces } from "node:os"
import { describe, it } from "vitest"
import { Pull, Push } from "../../../src/index.ts"
import { recordEvents, until } from "../../support/events.ts"
import { open } from "../../support/open.ts"
import { Peer } from "../../support/peer.ts"
import { RawPeer } from "../../support/raw-peer.ts"

const V6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === "::1"))

/** Whether somebody from an address of this machine is let in by a listener with these filters. */
async function letsIn(filters: readonly string[], from: string, ipv6 = false): Promise<boolean> {
  const pull = open(new Pull({ ipv6 }))
  for (const filter of filters) pull.tcpAcceptFilter = filter
  await pull.bind("tcp://*:*")
  const seen = recordEvents(pull)
  const port = (pull.lastEndpoint as string).replace(/.*:/, "")
  const host = from.includes(":") ? `[${from}]` : from
  const peer = await RawPeer.connect(`tcp://${host}:${port}`)
  await until(() => seen.length > 0)
  const [event] = seen
  if (event?.type === "accept:error") {
    await peer.closed
    assert.equal((event.error as { code?: string }).code, "EACCES")
    assert.equal(event.address, pull.lastEndpoint)
  }
  peer.destroy()
  pull.close()
  return event?.type === "accept"
}

describe("tcpAcceptFilter", () => {
  it.each([
    [[], true],
    [["127.0.0.1"], true],
    [["127.0.0.0/8"], true],
    [["127.255.255.255/8"], true],
    [["0.0.0.0/0"], true],
    [["126.0.0.0/7"], true],
    [["10.0.0.0/8", "127.0.0.1"], true],
    [["10.0.0.0/8"], false],
    [["127.0.0.2"], false],
    [["127.0.0.2/31"], false],
    [["128.0.0.0/1"], false],
    [["::1"], false],
  ])("%j lets 127.0.0.1 in: %s", async (filters, welcome) => {
    assert.equal(await letsIn(filters, "127.0.0.1"), welcome)
  })

  it.runIf(V6).each([
    [["::1"], "::1", true],
    [["::/0"], "::1", true],
    [["fe80::/10"], "::1", false],
    [["127.0.0.0/8"], "::1", false],
    [["127.0.0.0/8"], "127.0.0.1", true],
    [["::ffff:127.0.0.0/104"], "127.0.0.1", true],
    // libzmq takes the 8 bits from the IPv6 form of the address, which all IPv4 addresses have in common.
    [["10.0.0.0/8"], "127.0.0.1", false],
    [["10.0.0.1/0"], "::1", false],
  ])("with ipv6, %j lets %s in: %s", async (filters, from, welcome) => {
    assert.equal(await letsIn(filters, from, true), welcome)
  })

  it("reads as the list, and null takes all away", async () => {
    const pull = open(new Pull({ tcpAcceptFilter: "10.0.0.0/8" }))
    pull.tcpAcceptFilter = "192.0.2.1"
    assert.equal(pull.tcpAcceptFilter, "10.0.0.0/8, 192.0.2.1/32")
    assert.throws(() => Object.assign(pull, { tcpAcceptFilter: "nonsense" }), { code: "EINVAL" })
    assert.throws(() => Object.assign(pull, { tcpAcceptFilter: "" }), { code: "EINVAL" })
    assert.equal(pull.tcpAcceptFilter, "10.0.0.0/8, 192.0.2.1/32")
    pull.tcpAcceptFilter = null
    assert.equal(pull.tcpAcceptFilter, null)
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push())
    push.connect(pull.lastEndpoint as string)
    await push.send("welcome")
    assert.equal(String((await pull.receive())[0]), "welcome")
  })

  it("holds as it was at bind(), for each listener of its own", async () => {
    const pull = open(new Pull({ tcpAcceptFilter: "10.0.0.0/8" }))
    const seen = recordEvents(pull)
    await pull.bind("tcp://127.0.0.1:*")
    const closed = pull.lastEndpoint as string
    pull.tcpAcceptFilter = null
    await pull.bind("tcp://127.0.0.1:*")
    const peers = [await RawPeer.connect(closed), await RawPeer.connect(pull.lastEndpoint as string)]
    await until(() => seen.length >= 4)
    assert.deepEqual(
      seen.slice(2).map(event => [event.type, "address" in event && event.address]),
      [
        ["accept:error", closed],
        ["accept", pull.lastEndpoint],
      ],
    )
    for (const peer of peers) peer.destroy()
  })

  it("keeps a native peer out, which tries again and again", async () => {
    await using native = await Peer.start("native")
    const pull = open(new Pull({ tcpAcceptFilter: "10.0.0.0/8" }))
    await pull.bind("tcp://127.0.0.1:*")
    const seen = recordEvents(pull)
    const push = await native.call("open", "Push", { linger: 0, reconnectInterval: 10 })
    await native.call("connect", push, pull.lastEndpoint as string)
    await until(() => seen.length >= 3)
    assert.deepEqual([...new Set(seen.map(({ type }) => type))], ["accept:error"])
  })
})
