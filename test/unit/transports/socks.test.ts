import assert from "node:assert/strict"
import { networkInterfaces } from "node:os"
import { afterAll, beforeAll, describe, it, onTestFinished } from "vitest"
import { Context, Push, Reply, Request } from "../../../src/index.ts"
import { tcp } from "../../../transports/tcp.ts"
import { byteHost, streamOf } from "../../suites/byte-end.ts"
import { turn } from "../../suites/transport-bench.ts"
import { freePort } from "../../support/endpoints.ts"
import { recordEvents, until } from "../../support/events.ts"
import { open } from "../../support/open.ts"
import { Peer } from "../../support/peer.ts"
import {
  ACCEPTS,
  GRANTS,
  REAL_PROXIES,
  type RunningProxy,
  type Script,
  ScriptedProxy,
} from "../../support/socks-proxy.ts"

const V6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === "::1"))

/** Resolves nothing: what a proxy is to resolve must not be looked up here. */
const deaf = () => tcp({ lookup: name => Promise.reject(new Error(`${name} was looked up`)) })

async function scripted(script: Script): Promise<ScriptedProxy> {
  const proxy = await ScriptedProxy.start(script)
  onTestFinished(() => proxy.stop())
  return proxy
}

const hostVia = (proxy: { address: string }, options = {}) =>
  byteHost({ options: { socksProxy: proxy.address, ...options } })

for (const { name, installed, start } of REAL_PROXIES) {
  if (!installed) console.info(`skipped: no test against ${name}, it is not installed`)

  describe.runIf(installed)(`through ${name}`, () => {
    let proxy: RunningProxy
    beforeAll(async () => {
      proxy = await start()
    })
    afterAll(() => proxy.stop())

    it.each(["127.0.0.1", "localhost"])("a request reaches a native REP at %s", async target => {
      await using native = await Peer.start("native")
      const reply = await native.call("open", "Reply")
      const endpoint = await native.call("bind", reply, "tcp://127.0.0.1:*")
      const echo = native.call("echo", reply, 2)
      const context = new Context({ transports: [deaf()] })
      const request = open(new Request({ context, socksProxy: proxy.address }))
      const seen = recordEvents(request)
      const address = endpoint.replace("127.0.0.1", target)
      request.connect(address)
      for (const text of ["one", "x".repeat(100_000)]) {
        await request.send(text)
        assert.equal(String((await request.receive())[0]), text)
      }
      await echo
      assert.deepEqual(seen, [
        { type: "connect:delay", address },
        { type: "connect", address },
        { type: "handshake", address },
      ])
    })

    it("nobody at the target: the proxy's refusal is an attempt that failed, and is repeated", async () => {
      const port = await freePort()
      const request = open(new Request({ socksProxy: proxy.address, reconnectInterval: 5 }))
      const seen = recordEvents(request)
      request.connect(`tcp://127.0.0.1:${port}`)
      await until(() => seen.length >= 6)
      const round = ["connect:delay", "close", "connect:retry"]
      assert.deepEqual(
        seen.slice(0, 6).map(({ type }) => type),
        [...round, ...round],
      )
      const reply = open(new Reply())
      await reply.bind(`tcp://127.0.0.1:${port}`)
      await request.send("at last")
      assert.equal(String((await reply.receive())[0]), "at last")
    })
  })
}

describe("what is asked of a SOCKS5 proxy", () => {
  it.each([
    ["192.0.2.1:5555", "05 01 00 01 c0000201 15b3"],
    ["example.test:1", "05 01 00 03 0c 6578616d706c652e74657374 0001"],
    ["[2001:db8::1]:258", "05 01 00 04 20010db8000000000000000000000001 0102"],
    ["[::]:65535", "05 01 00 04 00000000000000000000000000000000 ffff"],
    ["[1:2:3:4:5:6:7:8]:1", "05 01 00 04 00010002000300040005000600070008 0001"],
    ["[fe80::]:1", "05 01 00 04 fe800000000000000000000000000000 0001"],
    ["[::ffff:192.0.2.1]:1", "05 01 00 04 00000000000000000000ffffc0000201 0001"],
    ["[64:ff9b::192.0.2.33]:1", "05 01 00 04 0064ff9b0000000000000000c0000221 0001"],
  ])("%s", async (address, request) => {
    const proxy = await scripted({ greeting: ACCEPTS, reply: "05 01 00 01 00000000 0000" })
    await assert.rejects(deaf().dial(address, hostVia(proxy)))
    assert.deepEqual(
      proxy.requests.map(bytes => bytes.toString("hex")),
      [request.replaceAll(" ", "")],
    )
  })

  it("a name too long, and an address with a zone, are not asked for", async () => {
    const proxy = await scripted({ greeting: ACCEPTS, reply: GRANTS })
    await assert.rejects(deaf().dial(`${"x".repeat(256)}:1`, hostVia(proxy)), { code: "ENAMETOOLONG" })
    await assert.rejects(deaf().dial("[fe80::1%lo]:1", hostVia(proxy)), { code: "EINVAL" })
    assert.deepEqual(proxy.requests, [])
  })
})

describe("what a SOCKS5 proxy answers", () => {
  it.each([
    ["an IPv4 address", GRANTS],
    ["an IPv6 address", `05 00 00 04 ${"00".repeat(16)} 1234`],
    ["a name", `05 00 00 03 ff ${"61".repeat(255)} 1234`],
    ["an empty name", "05 00 00 03 00 1234"],
  ])("%s, in pieces: what follows is the target's, to the byte", async (_, reply) => {
    for (const dribbles of [false, true]) {
      const target = Buffer.from("the target was quick")
      const proxy = await scripted({ greeting: ACCEPTS, reply, target, dribbles })
      const stream = streamOf(await deaf().dial("192.0.2.1:5555", hostVia(proxy)))
      const received: Uint8Array[] = []
      const closed = new Promise<void>(done => {
        stream.open({ data: chunk => received.push(Buffer.from(chunk)), drain() {}, closed: () => done() })
      })
      await until(() => Buffer.concat(received).length >= target.length)
      assert.deepEqual(Buffer.concat(received), target)
      stream.destroy()
      await closed
    }
  })

  const REFUSALS: readonly [string, Script, string][] = [
    ["SOCKS4", { greeting: "04 00" }, "EPROTO"],
    ["HTTP", { greeting: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n").toString("hex") }, "EPROTO"],
    ["user name wanted", { greeting: "05 02" }, "EACCES"],
    ["no acceptable method", { greeting: "05 ff" }, "EACCES"],
    ["hangs up at once", { leaves: true }, "EPIPE"],
    ["hangs up in the greeting", { greeting: "05", leaves: true }, "EPIPE"],
    ["hangs up before the reply", { greeting: ACCEPTS, leaves: true }, "EPIPE"],
    ["hangs up in the reply", { greeting: ACCEPTS, reply: "05 00 00", leaves: true }, "EPIPE"],
    ["hangs up in the address", { greeting: ACCEPTS, reply: "05 00 00 03 ff 61", leaves: true }, "EPIPE"],
    ["a reply of another version", { greeting: ACCEPTS, reply: "04 00 00 01 00000000 0000" }, "EPROTO"],
    ["an unknown type of address", { greeting: ACCEPTS, reply: "05 00 00 02 00000000 0000" }, "EPROTO"],
    ...[
      "EPROTO",
      "EACCES",
      "ENETUNREACH",
      "EHOSTUNREACH",
      "ECONNREFUSED",
      "ETIMEDOUT",
      "EPROTO",
      "EAFNOSUPPORT",
    ].map((code, at): [string, Script, string] => [
      `reply ${at + 1}`,
      { greeting: ACCEPTS, reply: `05 0${at + 1} 00 01 00000000 0000` },
      code,
    ]),
    ["reply 255", { greeting: ACCEPTS, reply: "05 ff" + "00 01 00000000 0000" }, "EPROTO"],
  ]
  it.each(REFUSALS)("%s: a failed attempt, with events", async (_, script, code) => {
    const proxy = await scripted(script)
    const host = hostVia(proxy)
    await assert.rejects(deaf().dial("192.0.2.1:5555", host), { code, address: "tcp://192.0.2.1:5555" })
    assert.deepEqual(host.events, [{ type: "connect:delay" }, { type: "close" }])
  })

  it.each([
    ["connectTimeout", { connectTimeout: 20, handshakeInterval: 0 }],
    ["handshakeInterval, without a connectTimeout", { connectTimeout: 0, handshakeInterval: 20 }],
  ])("silence lasts no longer than %s", async (_, options) => {
    for (const script of [{}, { greeting: ACCEPTS }, { greeting: ACCEPTS, reply: "05 00 00 03 ff" }]) {
      const host = hostVia(await scripted(script), options)
      await assert.rejects(deaf().dial("192.0.2.1:5555", host), { code: "ETIMEDOUT" })
      assert.deepEqual(host.events, [{ type: "connect:delay" }, { type: "close" }])
    }
  })

  it("an abort ends the wait, without an event", async () => {
    const proxy = await scripted({ greeting: ACCEPTS })
    const host = hostVia(proxy)
    const dialling = deaf().dial("192.0.2.1:5555", host)
    while (proxy.requests.length === 0) await turn()
    host.abort.abort()
    await assert.rejects(dialling, { code: "ECONNABORTED" })
    assert.deepEqual(host.events, [{ type: "connect:delay" }])
  })
})

describe("socksProxy", () => {
  it("is never bypassed: with the proxy away, the target hears nothing", async () => {
    const reply = open(new Reply())
    await reply.bind("tcp://127.0.0.1:*")
    const heard = recordEvents(reply)
    const away = { socksProxy: `127.0.0.1:${await freePort()}`, reconnectInterval: 5 }
    const request = open(new Request({ ...away, linger: 0 }))
    const seen = recordEvents(request)
    request.connect(reply.lastEndpoint as string)
    await until(() => seen.filter(({ type }) => type === "connect:retry").length >= 3)
    assert.equal(
      seen.some(({ type }) => type === "connect"),
      false,
    )
    assert.deepEqual(heard, [])
  })

  it("is asked anew at each attempt", async () => {
    const proxy = await scripted({ greeting: ACCEPTS, reply: GRANTS, relays: true })
    const port = await freePort()
    const request = open(new Request({ socksProxy: proxy.address, reconnectInterval: 5 }))
    request.connect(`tcp://name.test:${port}`)
    await until(() => proxy.connections >= 2)
    const reply = open(new Reply())
    await reply.bind(`tcp://127.0.0.1:${port}`)
    await request.send("through")
    assert.equal(String((await reply.receive())[0]), "through")
  })

  it.runIf(V6)("may itself be named by an IPv6 address, or by a name", async () => {
    const push = open(new Push({ ipv6: true, linger: 0 }))
    for (const address of ["[::1]:1080", "localhost:1080"]) {
      push.socksProxy = address
      assert.equal(push.socksProxy, address)
      push.connect("tcp://192.0.2.1:5555")
      push.disconnect("tcp://192.0.2.1:5555")
    }
  })

  it("of another form than host:port makes connect() throw; null unsets it", () => {
    const push = open(new Push({ linger: 0 }))
    assert.equal(push.socksProxy, null)
    for (const form of ["foo", "socks5://a:1080", "a:0", "a:65536", "a:b", "b:1;a:1080"]) {
      push.socksProxy = form
      assert.throws(() => push.connect("tcp://127.0.0.1:1"), {
        code: "EINVAL",
        address: "tcp://127.0.0.1:1",
        reason: "socksProxy has the form host:port",
      })
    }
    push.connect("inproc://unaffected")
    assert.throws(() => Object.assign(push, { socksProxy: "" }), { code: "EINVAL" })
    push.socksProxy = null
    assert.equal(push.socksProxy, null)
    push.connect("tcp://127.0.0.1:1")
  })
})
