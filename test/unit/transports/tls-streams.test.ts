import assert from "node:assert/strict"
import { X509Certificate } from "node:crypto"
import { once } from "node:events"
import { connect as connectPlainly, createServer as createPlainServer, type Socket } from "node:net"
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from "node:tls"
import { describe, it, onTestFinished } from "vitest"
import type { Listener } from "../../../src/contracts/transport.ts"
import { namesIn } from "../../../transports/tls/certificate.ts"
import { Sessions } from "../../../transports/tls/sessions.ts"
import { tls } from "../../../transports/tls.ts"
import { ByteEnd, byteHost, bytes, streamOf } from "../../suites/byte-end.ts"
import { Inbox, turn } from "../../suites/transport-bench.ts"
import { Authority, selfSigned } from "../../support/certificates.ts"
import { until } from "../../support/events.ts"
import { clientHello } from "../../support/tls.ts"

const authority = await Authority.create()
const identity = await authority.issue({ name: "server" })
const ca = authority.cert
const transport = tls({ ...identity, ca })

const portOf = (listener: Listener) => Number(listener.endpoint.slice(listener.endpoint.lastIndexOf(":") + 1))

async function bind(options = {}, by = transport): Promise<Inbox> {
  const inbox = await new Inbox(byteHost({ options })).listen(by, "127.0.0.1:*")
  onTestFinished(() => inbox.listener.close())
  return inbox
}

async function client(inbox: Inbox, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: portOf(inbox.listener), host: "127.0.0.1", ca, ...options })
  onTestFinished(() => void socket.destroy())
  socket.on("error", () => {})
  await once(socket, "secureConnect")
  return socket
}

/** A server by node:tls, and what it has received. */
async function server(options: TlsOptions = identity) {
  const sockets: TLSSocket[] = []
  const received: Buffer[] = []
  const listening = createServer(options, socket => {
    sockets.push(socket)
    socket.on("error", () => {}).on("data", chunk => received.push(chunk))
  })
  listening.listen(0, "127.0.0.1")
  await once(listening, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    listening.close()
  })
  const { port } = listening.address() as { port: number }
  return { sockets, received, listening, address: `127.0.0.1:${port}` }
}

async function dial(address: string, by = transport, options = {}): Promise<ByteEnd> {
  const end = new ByteEnd(await by.dial(address, byteHost({ options })))
  onTestFinished(() => end.stream.destroy())
  return end
}

const codeOf = (end: ByteEnd) => (end.reason as { code?: string } | undefined)?.code

describe("the end of a TLS stream", () => {
  it("is in order when TLS says so, and is answered", async () => {
    const inbox = await bind()
    const peer = await client(inbox)
    const end = new ByteEnd(await inbox.next())
    end.open()
    peer.resume().end(bytes(1000, 1))
    await Promise.all([end.closed, once(peer, "end")])
    assert.deepEqual([end.input.length, end.reason], [1000, undefined])
  })

  it("is an error when only TCP says so, because anybody can say that", async () => {
    const inbox = await bind()
    const raw = connectPlainly(portOf(inbox.listener), "127.0.0.1")
    const peer = await client(inbox, { socket: raw })
    const end = new ByteEnd(await inbox.next())
    end.open()
    await new Promise(done => peer.write(bytes(1000, 1), done))
    await end.input.reaches(1000)
    raw.end()
    await end.closed
    assert.equal(codeOf(end), "ECONNRESET")
  })

  it("comes after all that the peer has sent, though the stream was paused", async () => {
    for (const isCut of [false, true]) {
      const inbox = await bind()
      const raw = connectPlainly(portOf(inbox.listener), "127.0.0.1")
      const peer = await client(inbox, { socket: raw })
      const end = new ByteEnd(await inbox.next())
      end.open()
      end.stream.pause()
      const sent = bytes(30_000, 3)
      await new Promise(done => peer.write(sent, done))
      if (isCut) raw.end()
      else peer.end()
      for (let i = 0; i < 50; i++) await turn()
      assert.equal(end.closes, 0)
      end.stream.resume()
      await end.closed
      assert.ok(end.input.whole().equals(sent))
      assert.equal(codeOf(end), isCut ? "ECONNRESET" : undefined)
    }
  })

  it("is told once it is open, when it came before", async () => {
    const inbox = await bind()
    const peer = await client(inbox)
    const end = new ByteEnd(await inbox.next())
    await new Promise(done => peer.end(bytes(10, 1), done as () => void))
    for (let i = 0; i < 20; i++) await turn()
    end.open()
    await end.closed
    assert.deepEqual([end.input.length, end.early], [10, 0])
  })

  it("leaves unconfirmed what a peer that ends first can't have read", async () => {
    const inbox = await bind()
    const peer = await client(inbox)
    const end = new ByteEnd(await inbox.next())
    end.open()
    peer.pause()
    while (end.stream.write([bytes(1_000_000, 1)]));
    for (let i = 0; i < 20; i++) end.stream.write([bytes(1_000_000, 1)])
    end.stream.end()
    peer.end()
    await once(peer, "finish")
    for (let i = 0; i < 20; i++) await turn()
    peer.destroy()
    await end.closed
    assert.match(codeOf(end) ?? "", /^(EPIPE|ECONNRESET)$/)
  })

  it("comes when a record was forged", async () => {
    const inbox = await bind()
    const raw = connectPlainly(portOf(inbox.listener), "127.0.0.1")
    const peer = await client(inbox, { socket: raw })
    const end = new ByteEnd(await inbox.next())
    end.open()
    raw.write(Buffer.concat([Buffer.from("1703030020", "hex"), Buffer.alloc(32)]))
    await end.closed
    assert.equal(codeOf(end), "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC")
    assert.ok(peer)
  })
})

describe("the peer of a TLS stream", () => {
  it("is known by its certificate", async () => {
    const asking = tls({ ...identity, ca, requestCert: true })
    const inbox = await bind({}, asking)
    const alice = await authority.issue({
      name: "alice",
      names: ["alice.example", "10.0.0.1", "spiffe://example/alice"],
    })
    await client(inbox, alice)
    assert.deepEqual(await streamOf(await inbox.next()).certificate, {
      verified: true,
      subject: "CN=alice",
      subjectAltNames: ["DNS:alice.example", "IP Address:10.0.0.1", "URI:spiffe://example/alice"],
      fingerprint256: new X509Certificate(alice.cert).fingerprint256,
    })
  })

  it("is known by a certificate of its own making, where such are taken", async () => {
    const asking = tls({ ...identity, ca, requestCert: true, rejectUnauthorized: false })
    const inbox = await bind({}, asking)
    const own = await selfSigned({ name: "own" })
    await client(inbox, own)
    const certificate = await streamOf(await inbox.next()).certificate
    assert.equal(certificate?.verified, false)
    assert.equal(certificate.fingerprint256, new X509Certificate(own.cert).fingerprint256)
  })

  it("is unknown when it shows no certificate, or never comes so far", async () => {
    const inbox = await bind()
    await client(inbox)
    assert.equal(await streamOf(await inbox.next()).certificate, undefined)
    const raw = connectPlainly(portOf(inbox.listener), "127.0.0.1")
    const stream = streamOf(await inbox.next())
    raw.destroy()
    assert.equal(await stream.certificate, undefined)
  })

  it("is the server for who dials", async () => {
    const { address } = await server()
    const end = await dial(address)
    const certificate = await end.stream.certificate
    assert.deepEqual([certificate?.subject, certificate?.verified], ["CN=server", true])
  })

  it("gets nothing of what was written when it isn't trusted", async () => {
    const { address, received, sockets } = await server(await selfSigned())
    const end = await dial(address)
    end.stream.write([bytes(1000, 1)])
    end.open()
    await end.closed
    assert.equal(codeOf(end), "DEPTH_ZERO_SELF_SIGNED_CERT")
    await until(() => sockets.every(({ destroyed }) => destroyed))
    assert.deepEqual(received, [])
  })

  it("may not renegotiate", async () => {
    const inbox = await bind()
    const peer = await client(inbox, { maxVersion: "TLSv1.2" })
    const end = new ByteEnd(await inbox.next())
    end.open()
    const failed = once(peer, "error")
    peer.renegotiate({}, () => {})
    const [error] = await failed
    assert.equal(error.code, "ERR_SSL_NO_RENEGOTIATION")
  })
})

describe("a TLS handshake", () => {
  const SHORT = 80

  it("has a time limit on both sides", async () => {
    const silent = createPlainServer(() => {})
    silent.listen(0, "127.0.0.1")
    await once(silent, "listening")
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as { port: number }
    const inbox = await bind({ handshakeInterval: SHORT })
    connectPlainly(portOf(inbox.listener), "127.0.0.1").on("error", () => {})
    const ends = [
      await dial(`127.0.0.1:${port}`, transport, { handshakeInterval: SHORT }),
      new ByteEnd(await inbox.next()),
    ]
    for (const end of ends) {
      end.open()
      await end.closed
      assert.equal(codeOf(end), "EAGAIN")
    }
  })

  it("that is cut at any byte closes the stream with an error", async () => {
    const hello = await clientHello()
    const inbox = await bind()
    for (let length = 0; length < hello.length; length += 7) {
      const raw = connectPlainly(portOf(inbox.listener), "127.0.0.1")
      const end = new ByteEnd(await inbox.next())
      end.open()
      raw.end(hello.subarray(0, length))
      await end.closed
      assert.equal(codeOf(end), "EPIPE", `after ${length} bytes`)
      raw.destroy()
    }
  })

  it("that goes wrong at any byte closes the stream with an error", async () => {
    const hello = await clientHello()
    const inbox = await bind({ handshakeInterval: 1000 })
    for (let at = 0; at < 60; at++) {
      const wrong = Buffer.from(hello)
      wrong[at]! ^= 0xff
      const raw: Socket = connectPlainly(portOf(inbox.listener), "127.0.0.1")
      raw.on("error", () => {}).resume()
      const end = new ByteEnd(await inbox.next())
      end.open()
      raw.end(wrong)
      await end.closed
      assert.ok(end.reason instanceof Error, `byte ${at}`)
      raw.destroy()
    }
  })

  it("is shorter the next time, unless the credentials were replaced", async () => {
    const own = tls({ ca })
    const { address, sockets } = await server()
    const dialOnce = async () => {
      const end = await dial(address, own)
      end.open()
      const count = sockets.length + 1
      await until(() => sockets.length === count)
      sockets.at(-1)?.write("session")
      await end.input.reaches(7)
      end.stream.destroy()
      return sockets.at(-1)?.isSessionReused()
    }
    assert.deepEqual([await dialOnce(), await dialOnce()], [false, true])
    own.setSecureContext({ ca })
    assert.deepEqual([await dialOnce(), await dialOnce()], [false, true])
  })
})

describe("the names of a certificate", () => {
  it("are split where Node separates them, and nowhere else", () => {
    assert.deepEqual(namesIn(undefined), [])
    assert.deepEqual(namesIn("DNS:a, IP Address:::1"), ["DNS:a", "IP Address:::1"])
    const quoted = String.raw`DNS:"a\", DNS:b", URI:"x, y"`
    assert.deepEqual(namesIn(quoted), [String.raw`DNS:"a\", DNS:b"`, 'URI:"x, y"'])
  })
})

describe("sessions", () => {
  it("are kept of a hundred servers, the latest of each", () => {
    const sessions = new Sessions()
    for (let i = 0; i < 101; i++) sessions.set(`${i}`, Buffer.from(`${i}`))
    sessions.set("1", Buffer.from("again"))
    sessions.set("new", Buffer.from("new"))
    assert.deepEqual([sessions.get("0"), sessions.get("2")], [undefined, undefined])
    assert.equal(String(sessions.get("1")), "again")
    sessions.delete("1")
    assert.equal(sessions.get("1"), undefined)
  })
})
