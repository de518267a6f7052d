/** What holds the process, and what doesn't: zeromqjs.md 2.7. Each case is a program of its own, see support/life.ts. */
import { describe, expect, it, onTestFinished } from "vitest"
import { Pull, Push } from "../../src/index.ts"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Program } from "../support/program.ts"
import { handshake, RawServer } from "../support/raw-peer.ts"

const script = compiled(new URL("../support/life.ts", import.meta.url))

const start = (name: string, endpoint: string): Program => new Program([script, name, endpoint])

/** A raw PULL that shakes hands, and reads nothing until it is told to. */
async function deafServer(): Promise<{ server: RawServer; endpoint: string }> {
  const endpoint = await freeEndpoint("tcp")
  const server = await RawServer.listen(endpoint, peer => {
    peer.write(handshake("PULL"))
    peer.socket.pause()
  })
  onTestFinished(() => server.close())
  return { server, endpoint }
}

const WARNING = "WARNING: Waiting for queued ZeroMQ messages to be delivered."

describe("the process ends", () => {
  it("at once when sockets are bound and connected but nothing is pending", async () => {
    const program = start("idle", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["ready"])
    expect(program.errors).toBe("")
  })

  it("at once when all listeners to events are gone, and all iterations left", async () => {
    const program = start("eventsLeft", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["bound"])
  })

  it("at once when the context isn't blocky, though messages are queued", async () => {
    const program = start("notBlocky", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.errors).toBe("")
  })

  it("at once when the messages wait for a peer in this very process", async () => {
    const program = start("inproc", "")
    expect(await program.ended).toBe(0)
    expect(program.errors).toBe("")
  })

  it("after a linger of 50 ms, without a warning", async () => {
    const program = start("linger50", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.errors).toBe("")
  })

  it("after a linger of 1000 ms, with a warning", async () => {
    const program = start("linger1000", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.errors).toMatch(
      /^\(node:\d+\) WARNING: Waiting for queued ZeroMQ messages to be delivered\. Set 'context\.blocky = false' to change this behaviour\.\n$/,
    )
  })

  it("at once when what was sent is for a peer in this very process, though nobody receives it", async () => {
    const program = start("bothEnds", "")
    expect(await program.ended).toBe(0)
  })

  it.each(["sentLinger50", "sentWithoutLinger"])("in spite of a peer that takes nothing: %s", async name => {
    const { endpoint } = await deafServer()
    const program = start(name, endpoint)
    expect(await program.ended).toBe(0)
    expect(program.errors).toBe("")
  })

  it("at once on process.exit(), with its code, whatever is queued", async () => {
    const program = start("exit", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(3)
    expect(program.errors).toBe("")
  })

  it("when the timeout of its receive() is over", async () => {
    const program = start("receiveTimeout", await freeEndpoint("tcp"))
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["EAGAIN"])
  })
})

describe("the process stays", () => {
  it("for a pending receive()", async () => {
    const endpoint = await freeEndpoint("tcp")
    const program = start("receive", endpoint)
    await program.says("ready")
    const push = new Push({ linger: 0 })
    push.connect(endpoint)
    await push.send("hello")
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["ready", "hello"])
    push.close()
  })

  it.each(["iterate", "batches"])("for an iteration: %s", async name => {
    const endpoint = await freeEndpoint("tcp")
    const program = start(name, endpoint)
    await program.says("ready")
    const push = new Push({ linger: 0 })
    push.connect(endpoint)
    await push.send("one")
    await program.says("one")
    await push.send("two")
    await program.says("two")
    push.close()
  })

  it("for a send() that waits for a peer", async () => {
    const endpoint = await freeEndpoint("tcp")
    const program = start("send", endpoint)
    await program.says("ready")
    const pull = new Pull()
    pull.connect(endpoint)
    expect(String(await pull.receive())).toBe("at last")
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["ready", "sent"])
    pull.close()
  })

  it("for a reader of events", async () => {
    const endpoint = await freeEndpoint("tcp")
    const program = start("events", endpoint)
    await program.says("ready")
    const push = new Push()
    push.connect(endpoint)
    expect(await program.ended).toBe(0)
    expect(program.output).toEqual(["ready", "accept"])
    push.close()
  })

  it.each(["queued", "queuedAndClosed"])(
    "until queued messages are delivered (%s), warning after half a second",
    async name => {
      const endpoint = await freeEndpoint("tcp")
      const program = start(name, endpoint)
      await program.says(WARNING, "stderr")
      const pull = new Pull()
      await pull.bind(endpoint)
      expect(String(await pull.receive())).toBe("queued")
      expect(await program.ended).toBe(0)
      pull.close()
    },
  )

  it.each(["sent", "sentAndClosed"])(
    "until its peer has what was sent (%s), warning after half a second",
    async name => {
      const { server, endpoint } = await deafServer()
      const program = start(name, endpoint)
      await program.says(WARNING, "stderr")
      const peer = await server.peer(1)
      peer.socket.resume()
      expect(await program.ended).toBe(0)
      expect(peer.received.toString("latin1")).toMatch(/sent/)
    },
  )

  it("for what a listener to beforeExit sends", async () => {
    const { server, endpoint } = await deafServer()
    const program = start("beforeExit", endpoint)
    await program.says(WARNING, "stderr")
    const peer = await server.peer(1)
    peer.socket.resume()
    expect(await program.ended).toBe(0)
    expect(server.peers.length).toBe(1)
    expect(peer.received.toString("latin1")).toMatch(/sent.*bye/s)
  })
})
