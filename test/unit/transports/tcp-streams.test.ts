import assert from "node:assert/strict"
import { once } from "node:events"
import { connect } from "node:net"
import { describe, it } from "vitest"
import type { Connection } from "../../../src/contracts/connection.ts"
import type { Listener } from "../../../src/contracts/transport.ts"
import { NetListener } from "../../../transports/net/listener.ts"
import { tcp } from "../../../transports/tcp.ts"
import { BYTE_KIND, ByteEnd, byteHost, bytes } from "../../suites/byte-end.ts"
import { Inbox, turn } from "../../suites/transport-bench.ts"

const bindAt = (address: string, options = {}) => new Inbox(byteHost({ options })).listen(tcp(), address)
const portOf = (listener: Listener) => listener.endpoint.slice(listener.endpoint.lastIndexOf(":") + 1)

async function closeBoth(inbox: Inbox, dialling: Promise<Connection>): Promise<void> {
  const [near, far] = await Promise.all([dialling, inbox.next()])
  await BYTE_KIND.close(near, far)
  await inbox.listener.close()
}

describe("tcp streams", () => {
  it("deliver what a peer sent before it left, though our writes to it fail", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const peer = connect(Number(portOf(inbox.listener)), "127.0.0.1")
    const end = new ByteEnd(await inbox.next())
    end.open()
    end.stream.pause()
    // As much as our kernel takes unread; what is still with the peer's is lost with the reset.
    const sent = bytes(50_000, 3)
    await new Promise<void>(done => void peer.write(sent, () => done()))
    peer.destroy()
    await once(peer, "close")
    // The first write provokes the reset, the next ones fail with EPIPE.
    for (let i = 0; i < 5; i++) {
      end.stream.write([bytes(10, 1)])
      await turn()
    }
    end.stream.resume()
    await end.closed
    assert.ok(end.input.whole().equals(sent))
    await inbox.listener.close()
  })

  it("take nothing more once a write has failed, while what the peer sent is not read to its end", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const peer = connect(Number(portOf(inbox.listener)), "127.0.0.1")
    const end = new ByteEnd(await inbox.next())
    end.open()
    end.stream.pause()
    await new Promise<void>(done => void peer.write(bytes(50_000, 3), () => done()))
    peer.destroy()
    await once(peer, "close")
    while (end.stream.write([bytes(10, 1)])) await turn()
    const { drains } = end
    for (let i = 0; i < 5; i++) {
      assert.equal(end.stream.write([bytes(10, 1)]), false)
      await turn()
    }
    assert.equal(end.drains, drains)
    end.stream.resume()
    await end.closed
    await inbox.listener.close()
  })

  it("wait for the peer's end after theirs, and take none for it that came before", async () => {
    for (const early of [false, true]) {
      const inbox = await bindAt("127.0.0.1:*")
      const peer = connect({ port: Number(portOf(inbox.listener)), host: "127.0.0.1", allowHalfOpen: true })
      peer.pause()
      const end = new ByteEnd(await inbox.next())
      end.open()
      end.stream.pause()
      end.stream.write([bytes(1000, 1)])
      if (early) await new Promise<void>(done => peer.end(done))
      end.stream.end()
      for (let i = 0; i < 100; i++) await turn()
      assert.equal(end.closes, early ? 1 : 0)
      peer.resume().end()
      await end.closed
      assert.equal((end.reason as { code?: string } | undefined)?.code, early ? "EPIPE" : undefined)
      await inbox.listener.close()
    }
  })

  it("close on a reset, with an error", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const peer = connect(Number(portOf(inbox.listener)), "127.0.0.1")
    const end = new ByteEnd(await inbox.next())
    end.open()
    peer.resetAndDestroy()
    await end.closed
    assert.equal((end.reason as { code?: string } | undefined)?.code, "ECONNRESET")
    await inbox.listener.close()
  })

  it("tell of a close that preceded open", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const peer = connect(Number(portOf(inbox.listener)), "127.0.0.1")
    const end = new ByteEnd(await inbox.next())
    end.stream.destroy()
    await once(peer.resume(), "close")
    await turn()
    end.open()
    assert.equal(end.closes, 0)
    await end.closed
    await inbox.listener.close()
  })
})

describe("tcp listeners", () => {
  it("report that a connection could not be taken, and go on", async () => {
    const host = byteHost({})
    const listener = new NetListener(
      host,
      () => {},
      () => assert.fail("no socket comes"),
    )
    const server = await listener.listen({ host: "127.0.0.1", port: 0 })
    listener.ready("tcp://somewhere:1")
    server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }))
    const [, event] = host.events
    assert.ok(event?.type === "accept:error" && event.address === "tcp://somewhere:1")
    assert.equal((event.error as { code?: string }).code, "EMFILE")
    assert.ok(server.listening)
    await listener.close()
  })

  it("are lost without harm to those who dial", async () => {
    const inbox = await bindAt("127.0.0.1:*")
    const address = inbox.listener.endpoint.slice(6)
    await inbox.listener.close()
    await assert.rejects(tcp().dial(address, byteHost({})), { code: "ECONNREFUSED" })
    await closeBoth(await bindAt(address), tcp().dial(address, byteHost({})))
  })

  it("end at once when their endpoint was closed meanwhile", async () => {
    const host = byteHost({})
    const binding = tcp().listen("127.0.0.1:*", host, () => {})
    host.abort.abort()
    await assert.rejects(binding, { code: "ECONNABORTED" })
  })
})
