/** STREAM through the public face, with ordinary TCP programs on the other end (zmtp.md 5.8, zmq_socket(3)). */
import { once } from "node:events"
import { createServer, type IncomingMessage, request } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { Stream } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent, recordEvents, turn, until } from "../support/events.ts"
import { open } from "../support/open.ts"
import { RawPeer, RawServer } from "../support/raw-peer.ts"

async function bound(options: ConstructorParameters<typeof Stream>[0] = {}): Promise<Stream> {
  const stream = open(new Stream(options))
  await stream.bind("tcp://127.0.0.1:*")
  return stream
}

/** A plain TCP peer of a bound socket, and what the socket calls it. */
async function visitor(stream: Stream): Promise<{ peer: RawPeer; id: Buffer }> {
  const peer = await RawPeer.connect(stream.lastEndpoint as string)
  onTestFinished(() => peer.destroy())
  const [id, nothing] = await stream.receive()
  expect(nothing.length).toBe(0)
  return { peer, id }
}

async function rawServer(): Promise<{ server: RawServer; endpoint: string }> {
  const endpoint = await freeEndpoint("tcp")
  const server = await RawServer.listen(endpoint)
  onTestFinished(() => server.close())
  return { server, endpoint }
}

/** The bytes of one peer until it leaves; the empty messages at both ends are left out. */
async function everythingFrom(stream: Stream): Promise<string> {
  const [, begin] = await stream.receive()
  expect(begin.length).toBe(0)
  const chunks: Buffer[] = []
  for (;;) {
    const [, bytes] = await stream.receive()
    if (bytes.length === 0) return Buffer.concat(chunks).toString("latin1")
    expect(bytes.length).toBeLessThanOrEqual(8192)
    chunks.push(bytes)
  }
}

describe("HTTP", () => {
  it("serves ordinary clients, several at a time", async () => {
    const stream = await bound()
    const body = "x".repeat(100_000)
    const serving = (async () => {
      const requests = new Map<string, string>()
      for await (const [id, bytes] of stream) {
        const key = id.toString("hex")
        const text = (requests.get(key) ?? "") + bytes.toString("latin1")
        requests.set(key, text)
        if (!text.endsWith("\r\n\r\n")) continue
        requests.delete(key)
        const [, path] = /^GET (\S+) HTTP\/1\.1\r\n/.exec(text) ?? []
        await stream.send([id, `HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n${path}:${body}`])
        await stream.send([id, ""])
      }
    })()
    const base = (stream.lastEndpoint as string).replace("tcp:", "http:")
    const paths = Array.from({ length: 10 }, (_, i) => `/page/${i}`)
    const pages = await Promise.all(paths.map(async path => (await fetch(base + path)).text()))
    expect(pages).toEqual(paths.map(path => `${path}:${body}`))
    stream.close()
    await serving
  })

  it("keeps a connection for one request after another", async () => {
    const stream = await bound({ notify: false })
    const { port } = new URL(stream.lastEndpoint as string)
    const client = request({ host: "127.0.0.1", port, method: "POST" })
    client.write("first ")
    client.end("second")
    const [id] = await stream.receive()
    await stream.send([id, "HTTP/1.1 200 OK\r\nContent-"])
    await stream.send([id, "Length: 5\r\n\r\nhel"])
    await stream.send([id, "lo"])
    const [response] = (await once(client, "response")) as [IncomingMessage]
    let text = ""
    for await (const chunk of response) text += chunk
    expect(text).toBe("hello")
  })

  it("asks an ordinary server, which connect() has named", async () => {
    const server = createServer((request, response) => response.end(`you asked for ${request.url}`))
    await once(server.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void server.close())
    const stream = open(new Stream())
    stream.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, { routingId: "web" })
    await stream.send(["web", "GET /news HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"])
    const [id] = await stream.receive()
    expect(String(id)).toBe("web")
    let text = ""
    for await (const [, bytes] of stream) {
      if (bytes.length === 0) break
      text += bytes
    }
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toContain("you asked for /news")
  })
})

describe("receiving", () => {
  it("tells of connects and disconnects, under five bytes that begin with a zero", async () => {
    const stream = await bound()
    const [first, second] = [await visitor(stream), await visitor(stream)]
    for (const { id } of [first, second]) expect([id.length, id[0]]).toEqual([5, 0])
    expect(first.id).not.toEqual(second.id)
    second.peer.end()
    expect(await stream.receive()).toEqual([second.id, Buffer.alloc(0)])
    first.peer.write(Buffer.from("still here"))
    expect(await stream.receive()).toEqual([first.id, Buffer.from("still here")])
    first.peer.reset()
    expect(await stream.receive()).toEqual([first.id, Buffer.alloc(0)])
    await expect(stream.send([first.id, "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
  })

  it("without notify there is nothing but bytes", async () => {
    const stream = await bound({ notify: false })
    const seen = recordEvents(stream)
    for (const text of ["a", "b"]) {
      const peer = await RawPeer.connect(stream.lastEndpoint as string)
      peer.write(Buffer.from(text)).end()
      await peer.closed
    }
    await until(() => seen.filter(({ type }) => type === "disconnect").length === 2)
    expect(String((await stream.receive())[1])).toBe("a")
    expect(String((await stream.receive())[1])).toBe("b")
    expect(stream.readable).toBe(false)
  })

  it("notify holds as it was at bind() or connect(), with a warning for a change", async () => {
    const stream = await bound({ notify: false })
    const warned = once(process, "warning")
    stream.notify = true
    expect(String((await warned)[0])).toContain("Socket option will not take effect until next connect/bind.")
    const peer = await RawPeer.connect(stream.lastEndpoint as string)
    peer.write(Buffer.from("x"))
    expect(String((await stream.receive())[1])).toBe("x")
    peer.destroy()
  })

  it("loses no byte of 3 MiB, in chunks of up to 8192", async () => {
    const stream = await bound({ receiveHighWaterMark: 4 })
    const peer = await RawPeer.connect(stream.lastEndpoint as string)
    const bytes = Buffer.from(Array.from({ length: 3 << 20 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
    peer.write(bytes).end()
    expect((await everythingFrom(stream)) === bytes.toString("latin1")).toBe(true)
  })

  it("stops a peer whose bytes nobody receives, and lets it go on", async () => {
    const stream = await bound({ receiveHighWaterMark: 2 })
    const { peer } = await visitor(stream)
    const chunk = Buffer.alloc(1 << 20, "x")
    let stopped = false
    const poured = peer.pour(chunk, 64).then(() => peer.end())
    // The kernel's buffers are full when nothing has gone out for a while of turns.
    for (let last = -1; !stopped; ) {
      for (let i = 0; i < 200; i++) await turn()
      stopped = peer.socket.bytesWritten === last && peer.socket.writableLength > 0
      last = peer.socket.bytesWritten
    }
    const [other] = [await RawPeer.connect(stream.lastEndpoint as string)]
    other.write(Buffer.from("me too"))
    let bytes = 0
    let others = ""
    for (let ends = 0; ends < 1; ) {
      const [id, data] = await stream.receive()
      if (data.toString() === "me too") others = id.toString("hex")
      else if (data.length === 0 && id.toString("hex") !== others && bytes > 0)
        ends += bytes === 64 << 20 ? 1 : 0
      else bytes += data.length
    }
    await poured
    expect(bytes).toBe(64 << 20)
    expect(others).not.toBe("")
    other.destroy()
  })
})

describe("sending", () => {
  it("waits for a peer that doesn't read, and delivers everything once it does", async () => {
    const stream = await bound({ sendHighWaterMark: 2 })
    const { peer, id } = await visitor(stream)
    peer.socket.pause()
    const chunk = Buffer.alloc(1 << 20, "y")
    let sent = 0
    while (stream.trySend([id, chunk])) sent++
    expect(stream.writable).toBe(true)
    stream.sendTimeout = 0
    await expect(stream.send([id, chunk])).rejects.toMatchObject({ code: "EAGAIN" })
    stream.sendTimeout = -1
    const waiting = stream.send([id, chunk])
    peer.socket.resume()
    await waiting
    await peer.heard((sent + 1) << 20)
    expect(peer.received.length).toBe((sent + 1) << 20)
  })

  it("one that doesn't read keeps nobody else waiting", async () => {
    const stream = await bound({ sendHighWaterMark: 2 })
    const [slow, quick] = [await visitor(stream), await visitor(stream)]
    slow.peer.socket.pause()
    const chunk = Buffer.alloc(1 << 20, "y")
    while (stream.trySend([slow.id, chunk]));
    const waiting = [stream.send([slow.id, "1"]), stream.send([slow.id, "2"])]
    await stream.send([quick.id, "hello"])
    expect(stream.trySend([quick.id, " there"])).toBe(true)
    await quick.peer.heard(11)
    expect(String(quick.peer.received)).toBe("hello there")
    slow.peer.socket.resume()
    await Promise.all(waiting)
    await until(() => slow.peer.received.toString("latin1").endsWith("y12"))
  })

  it("who waits for a peer that leaves is told so", async () => {
    const stream = await bound({ sendHighWaterMark: 2 })
    const { peer, id } = await visitor(stream)
    peer.socket.pause()
    while (stream.trySend([id, Buffer.alloc(1 << 20)]));
    const waiting = stream.send([id, "late"])
    peer.end()
    await expect(waiting).rejects.toMatchObject({ code: "EHOSTUNREACH" })
  })

  it("refuses at once what is for nobody, or isn't an id and bytes", async () => {
    const stream = await bound()
    const { id, peer } = await visitor(stream)
    await expect(stream.send(["nobody", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    expect(() => stream.trySend(["nobody", ""])).toThrow(expect.objectContaining({ code: "EHOSTUNREACH" }))
    for (const parts of [[id], [id, "x", "y"], ["nobody"]]) {
      const malformed = parts as [Buffer, string]
      await expect(stream.send(malformed)).rejects.toMatchObject({ code: "EINVAL" })
      expect(() => stream.trySend(malformed)).toThrow(expect.objectContaining({ code: "EINVAL" }))
    }
    await stream.send([id, "x"])
    await peer.heard(1)
    expect(String(peer.received)).toBe("x")
  })
})

describe("closing a connection", () => {
  it("delivers what was sent before, and tells nothing", async () => {
    const stream = await bound()
    const seen = recordEvents(stream)
    const { peer, id } = await visitor(stream)
    peer.socket.pause()
    const chunk = Buffer.alloc(1 << 20, "z")
    for (let i = 0; i < 8; i++) await stream.send([id, chunk])
    await stream.send([id, ""])
    expect(stream.readable).toBe(false)
    await expect(stream.send([id, "late"])).rejects.toMatchObject({ code: "EHOSTUNREACH" })
    peer.write(Buffer.from("unheard"))
    peer.socket.resume()
    await peer.closed
    expect(peer.received.length).toBe(8 << 20)
    const other = await visitor(stream)
    expect(other.id).not.toEqual(id)
    expect(seen.map(({ type }) => type)).toEqual(["accept", "accept"])
  })

  it("without linger drops what the peer hasn't taken", async () => {
    const stream = await bound({ linger: 0 })
    const { peer, id } = await visitor(stream)
    peer.socket.pause()
    let sent = 0
    for (; sent < 64; sent++) if (!stream.trySend([id, Buffer.alloc(1 << 20)])) break
    await stream.send([id, ""])
    peer.socket.resume()
    await peer.closed
    expect(peer.received.length).toBeLessThan(sent << 20)
  })

  it("a socket that closes without linger waits for none of them", async () => {
    const stream = await bound()
    const { peer, id } = await visitor(stream)
    peer.socket.pause()
    let sent = 0
    for (; sent < 64; sent++) if (!stream.trySend([id, Buffer.alloc(1 << 20)])) break
    await stream.send([id, ""])
    stream.linger = 0
    stream.close()
    peer.socket.resume()
    await peer.closed
    expect(peer.received.length).toBeLessThan(sent << 20)
  })

  it("of connect() is not made again, and its endpoint is gone", async () => {
    const { server, endpoint } = await rawServer()
    const stream = open(new Stream({ reconnectInterval: 1 }))
    const seen = recordEvents(stream)
    stream.connect(endpoint, { routingId: "peer" })
    await stream.receive()
    await stream.send(["peer", "bye"])
    await stream.send(["peer", ""])
    const peer = await server.peer(1)
    await peer.closed
    expect(String(peer.received)).toBe("bye")
    await until(() => {
      try {
        stream.disconnect(endpoint)
        return false
      } catch (error) {
        expect((error as { code?: string }).code).toBe("ENOENT")
        return true
      }
    })
    // The name is free.
    stream.connect(endpoint, { routingId: "peer" })
    expect(String((await stream.receive())[0])).toBe("peer")
    expect(server.peers.length).toBe(2)
    expect(seen.map(({ type }) => type)).toEqual(["connect:delay", "connect", "connect:delay", "connect"])
  })

  it("of a connect() that is still dialling ends it, and drops what was for it", async () => {
    const endpoint = await freeEndpoint("tcp")
    const stream = open(new Stream({ reconnectInterval: 1 }))
    const retried = nextEvent(stream, "connect:retry")
    stream.connect(endpoint, { routingId: "peer" })
    await stream.send(["peer", "early"])
    await retried
    await stream.send(["peer", ""])
    expect(() => stream.disconnect(endpoint)).toThrow(expect.objectContaining({ code: "ENOENT" }))
    const server = await RawServer.listen(endpoint)
    stream.connect(endpoint, { routingId: "other" })
    await stream.receive()
    expect(server.peers.length).toBe(1)
    await server.close()
  })
})

describe("connecting", () => {
  it("again after a loss: the same id, told anew, and what was sent meanwhile", async () => {
    const { server, endpoint } = await rawServer()
    const stream = open(new Stream({ reconnectInterval: 1 }))
    const seen = recordEvents(stream)
    stream.connect(endpoint, { routingId: "peer" })
    expect(String((await stream.receive())[0])).toBe("peer")
    const first = await server.peer(1)
    first.destroy()
    expect((await stream.receive()).map(String)).toEqual(["peer", ""])
    await stream.send(["peer", "meanwhile"])
    expect((await stream.receive()).map(String)).toEqual(["peer", ""])
    const second = await server.peer(2)
    await second.heard(9)
    expect(String(second.received)).toBe("meanwhile")
    expect(seen.map(({ type }) => type)).toEqual([
      "connect:delay",
      "connect",
      "disconnect",
      "connect:retry",
      "connect:delay",
      "connect",
    ])
  })

  it("under an id of its own, which comes with the first message", async () => {
    const { server, endpoint } = await rawServer()
    const stream = open(new Stream())
    stream.connect(endpoint)
    const [id] = await stream.receive()
    expect([id.length, id[0]]).toEqual([5, 0])
    await stream.send([id, "hello"])
    const peer = await server.peer(1)
    await peer.heard(5)
  })

  it("refuses a name that is in use", async () => {
    const { endpoint } = await rawServer()
    const stream = open(new Stream())
    stream.connect(endpoint, { routingId: "peer" })
    expect(() => stream.connect(endpoint, { routingId: "peer" })).toThrow(
      expect.objectContaining({ code: "EINVAL", address: endpoint }),
    )
  })

  it("over ipc works as over tcp; over inproc there are no bytes", async () => {
    const endpoint = await freeEndpoint("ipc")
    const [server, client] = [open(new Stream()), open(new Stream())]
    await server.bind(endpoint)
    client.connect(endpoint, { routingId: "server" })
    await client.send(["server", "over a path"])
    const [id] = await server.receive()
    expect(await server.receive()).toEqual([id, Buffer.from("over a path")])
    const wrong = { code: "ENOCOMPATPROTO", address: "inproc://bytes" }
    await expect(server.bind("inproc://bytes")).rejects.toMatchObject(wrong)
    expect(() => client.connect("inproc://bytes")).toThrow(expect.objectContaining(wrong))
    expect(() => client.bindSync("inproc://bytes")).toThrow(expect.objectContaining(wrong))
  })
})
