/** inproc names in all threads of the process. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { getEnvironmentData, threadId } from "node:worker_threads"
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { Context, inproc, Pull, Push, type Socket, tcp } from "../../src/index.ts"
import { PeerThread } from "../support/peer-thread.ts"
import { workerScript } from "../support/start-worker.ts"

let names = 0
const fresh = () => `inproc://name-${++names}`
const text = (parts: string[]) => parts.map(part => Buffer.from(part, "base64").toString())
const base64 = (value: string) => [Buffer.from(value).toString("base64")]

function closing<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

describe("a name", () => {
  let one: PeerThread
  let two: PeerThread
  beforeAll(async () => {
    ;[one, two] = await Promise.all([PeerThread.start(), PeerThread.start()])
  })
  afterAll(() => Promise.all([one.kill(), two.kill()]))

  it("that a worker binds is reached from the main thread", async () => {
    const endpoint = fresh()
    const pull = await one.call("open", "Pull")
    await one.call("bind", pull, endpoint)
    const push = closing(new Push())
    push.connect(endpoint)
    await push.send("hello")
    expect(text(await one.call("receive", pull))).toEqual(["hello"])
  })

  it("that the main thread binds later is reached from a worker that waits", async () => {
    const endpoint = fresh()
    const push = await one.call("open", "Push")
    await one.call("connect", push, endpoint)
    await one.call("send", push, base64("early"))
    const pull = closing(new Pull())
    await pull.bind(endpoint)
    expect(String(await pull.receive())).toBe("early")
  })

  it("is reached from worker to worker, in either order", async () => {
    for (const bindFirst of [true, false]) {
      const endpoint = fresh()
      const pull = await two.call("open", "Pull")
      const push = await one.call("open", "Push")
      if (bindFirst) await two.call("bind", pull, endpoint)
      await one.call("connect", push, endpoint)
      await one.call("send", push, base64("hello"))
      if (!bindFirst) await two.call("bind", pull, endpoint)
      expect(text(await two.call("receive", pull))).toEqual(["hello"])
    }
  })

  it("is known to a worker that another worker starts later", async () => {
    const endpoint = fresh()
    const pull = closing(new Pull())
    await pull.bind(endpoint)
    const script = workerScript(new URL("../support/thread-roles.ts", import.meta.url))
    await one.call("startWorker", script.href, { role: "sayHello", endpoint })
    expect(String(await pull.receive())).toBe("hello")
  })

  it("is bound once in all threads", async () => {
    const endpoint = fresh()
    const pull = closing(new Pull())
    await pull.bind(endpoint)
    const rival = await one.call("open", "Pull")
    await expect(one.call("bind", rival, endpoint)).rejects.toMatchObject({ code: "EADDRINUSE" })
    await pull.unbind(endpoint)
    await one.call("bind", rival, endpoint)
    await expect(pull.bind(endpoint)).rejects.toMatchObject({ code: "EADDRINUSE", address: endpoint })
    await one.call("unbind", rival, endpoint)
    await pull.bind(endpoint)
  })

  it("goes to exactly one of those who bind it at the same time", async () => {
    const pull = closing(new Pull())
    const pulls = await Promise.all([one, two].map(peer => peer.call("open", "Pull")))
    for (let round = 0; round < 200; round++) {
      const endpoint = fresh()
      const rivals = [
        { bind: () => pull.bind(endpoint), unbind: () => pull.unbind(endpoint) },
        ...[one, two].map((peer, i) => ({
          bind: () => peer.call("bind", pulls[i] as string, endpoint),
          unbind: () => peer.call("unbind", pulls[i] as string, endpoint),
        })),
      ]
      const outcomes = await Promise.allSettled(rivals.map(({ bind }) => bind()))
      const winners = rivals.filter((_, i) => outcomes[i]?.status === "fulfilled")
      expect(winners, `round ${round}`).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === "rejected") expect(outcome.reason.code).toBe("EADDRINUSE")
      await winners[0]?.unbind()
    }
  })

  it("is asked for until the connect is given up", async () => {
    const endpoint = fresh()
    const push = await one.call("open", "Push", { linger: 0 })
    await one.call("connect", push, endpoint)
    await one.call("disconnect", push, endpoint)
    const pull = closing(new Pull({ receiveTimeout: 0 }))
    await pull.bind(endpoint)
    await one.call("connect", push, endpoint)
    await one.call("send", push, base64("once"))
    await expect.poll(() => pull.readable).toBe(true)
    expect(String(await pull.receive())).toBe("once")
  })
})

describe("when all names are taken", () => {
  /** As 64 workers with 64 names each leave it that were terminated. */
  function fill(thread: (slot: number) => number): void {
    const registry = getEnvironmentData("zeromq-ts.inproc/2") as SharedArrayBuffer
    const words = new BigInt64Array(registry)
    // The first three tell of the registry; then a word for each name, of its hash, its thread and a state (held).
    for (let at = 3; at < words.length; at++) {
      if (words[at] === 0n) words[at] = (BigInt(at) << 32n) | (BigInt(thread(at)) << 2n) | 2n
    }
    words[2] = BigInt(words.length - 3)
  }

  const GONE = 2 ** 29

  it("those of threads that were terminated are free again, for bind() at once, for bindSync() soon", async () => {
    const pull = closing(new Pull())
    await pull.bind(fresh())
    fill(slot => GONE + (slot % 64))
    await Promise.all(Array.from({ length: 10 }, () => closing(new Pull()).bind(fresh())))
    fill(slot => GONE + (slot % 64))
    const endpoint = fresh()
    expect(() => pull.bindSync(endpoint)).toThrow(expect.objectContaining({ code: "EMFILE" }))
    await expect.poll(() => pull.bindSync(endpoint)).toBeUndefined()
  })

  it("those of threads that live are theirs: EMFILE", async () => {
    const pull = closing(new Pull())
    await pull.bind(fresh())
    await using peer = await PeerThread.start()
    const theirs = await peer.call("open", "Pull")
    await peer.call("bind", theirs, fresh())
    const registry = getEnvironmentData("zeromq-ts.inproc/2") as SharedArrayBuffer
    const before = new BigInt64Array(registry).slice()
    fill(() => threadId)
    const endpoint = fresh()
    await expect(pull.bind(endpoint)).rejects.toMatchObject({ code: "EMFILE", address: endpoint })
    new BigInt64Array(registry).set(before)
    await pull.bind(endpoint)
  })
})

describe("a context of one's own", () => {
  it("keeps its names to itself, or shares them with those of the same name in all threads", async () => {
    await using peer = await PeerThread.start()
    const endpoint = fresh()
    const pull = closing(new Pull())
    await pull.bind(endpoint)
    // The same name in other contexts, here and there.
    const apart = closing(new Pull({ context: new Context() }))
    await apart.bind(endpoint)
    const shared = closing(new Pull({ context: new Context({ shared: "ours" }) }))
    await shared.bind(endpoint)
    const push = await peer.call("open", "Push", { shared: "ours" })
    await peer.call("connect", push, endpoint)
    await peer.call("send", push, base64("for ours"))
    expect(String(await shared.receive())).toBe("for ours")
    const another = closing(new Pull({ context: new Context({ transports: [inproc({ shared: "ours" })] }) }))
    await expect(another.bind(endpoint)).rejects.toMatchObject({ code: "EADDRINUSE" })
    expect(pull.readable || apart.readable).toBe(false)
  })

  it("is told of a mistake", () => {
    expect(() => new Context({ shared: 1 as never })).toThrow(TypeError)
    expect(() => new Context({ shared: "x", transports: [tcp()] })).toThrow(TypeError)
  })
})

describe("names are the same", () => {
  it("for two copies of the library in one thread", async () => {
    vi.resetModules()
    const copy = await import("../../src/index.ts")
    expect(copy.Pull).not.toBe(Pull)
    const endpoint = fresh()
    const pull = closing(new copy.Pull() as unknown as Pull)
    await pull.bind(endpoint)
    const push = closing(new Push())
    await expect(push.bind(endpoint)).rejects.toMatchObject({ code: "EADDRINUSE" })
    push.connect(endpoint)
    await push.send("hello")
    expect(String(await pull.receive())).toBe("hello")
  })

  it("for threads whose parent never had the library", async () => {
    const script = fileURLToPath(new URL("../support/orphans.ts", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script])
    expect(stdout.trim().split("\n")).toEqual([
      "reached",
      "EADDRINUSE",
      "reached from a later one",
      "EADDRINUSE for a busy one",
      "one of two",
    ])
  })
})

describe("bindSync()", () => {
  it("claims a name in all threads, and finds it free once it has found its holder dead", async () => {
    const endpoint = fresh()
    const pull = closing(new Pull())
    const peer = await PeerThread.start()
    const theirs = await peer.call("open", "Pull")
    await peer.call("bind", theirs, endpoint)
    const bind = () => pull.bindSync(endpoint)
    expect(bind).toThrow(expect.objectContaining({ code: "EADDRINUSE", address: endpoint }))
    await peer.kill()
    await expect.poll(bind).toBeUndefined()
    await using another = await PeerThread.start()
    const push = await another.call("open", "Pull")
    await expect(another.call("bind", push, endpoint)).rejects.toMatchObject({ code: "EADDRINUSE" })
  })
})
