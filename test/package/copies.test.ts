/**
 * Two copies of the built package in one thread, the ES modules and the CommonJS files: what one has made works with the
 * other. Two versions are strangers to each other.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { version } from "../../package.json"

type Library = typeof import("zeromq-ts")
type Codecs = typeof import("zeromq-ts/codec")
type StandardSchema<T> = import("zeromq-ts/codec").StandardSchema<unknown, T>
type Closable = { close(): void }

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL("../..", import.meta.url))

interface Copy {
  readonly name: string
  readonly zmq: Library
  readonly codecs: Codecs
}

function load(name: string, folder: string, ending: string): Copy {
  return { name, zmq: require(`${folder}/index${ending}`), codecs: require(`${folder}/codec${ending}`) }
}

const esm = load("the ES modules", join(root, "dist"), ".js")
const cjs = load("the CommonJS files", join(root, "dist"), ".cjs")

function until<T extends Closable>(socket: T): T {
  onTestFinished(() => socket.close())
  return socket
}

const address = `inproc://copies-${process.pid}`

it("are two copies", () => {
  expect(esm.zmq.Push).not.toBe(cjs.zmq.Push)
})

describe.each([
  { one: esm, other: cjs },
  { one: cjs, other: esm },
])("$one.name with what $other.name have made", ({ one, other }) => {
  it("has the same context by default", () => {
    expect(one.zmq.context).toBe(other.zmq.context)
    expect(until(new one.zmq.Push()).context).toBe(other.zmq.context)
  })

  it.each(["inproc", "tcp"])("makes sockets in a context, and talks over its %s", async scheme => {
    const context = new other.zmq.Context({ maxSockets: 2 })
    const pull = until(new one.zmq.Pull({ context }))
    const push = until(new other.zmq.Push({ context }))
    expect(() => new one.zmq.Push({ context })).toThrow(expect.objectContaining({ code: "EMFILE" }))
    await pull.bind(scheme === "tcp" ? "tcp://127.0.0.1:*" : address)
    push.connect(pull.lastEndpoint as string)
    await push.send(["a", "b"])
    expect((await pull.receive()).map(String)).toEqual(["a", "b"])
    await context[Symbol.asyncDispose]()
    expect([pull.closed, push.closed]).toEqual([true, true])
  })

  it("takes its transports, and knows their errors", async () => {
    const context = new one.zmq.Context({ transports: [other.zmq.tcp(), other.zmq.inproc()] })
    const pull = until(new one.zmq.Pull({ context }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = until(new one.zmq.Push({ context }))
    push.connect(pull.lastEndpoint as string)
    await push.send("a")
    expect(String(await pull.receive())).toBe("a")
    const endpoint = pull.lastEndpoint as string
    await expect(until(new one.zmq.Pull({ context })).bind(endpoint)).rejects.toSatisfy(
      error => error instanceof one.zmq.ZmqError && error instanceof other.zmq.ZmqError,
    )
  })

  it("forwards between its sockets and ours, with a capture socket", async () => {
    const context = new one.zmq.Context()
    const front = new other.zmq.Pull({ context })
    const back = new one.zmq.Push({ context })
    const capture = new other.zmq.Push({ context })
    await Promise.all([
      front.bind("inproc://front"),
      back.bind("inproc://back"),
      capture.bind("inproc://seen"),
    ])
    const proxy = new one.zmq.Proxy(front, back, { capture })
    const running = proxy.run()
    const [from, to, seen] = [
      until(new one.zmq.Push({ context })),
      until(new other.zmq.Pull({ context })),
      until(new one.zmq.Pull({ context })),
    ]
    from.connect("inproc://front")
    to.connect("inproc://back")
    seen.connect("inproc://seen")
    await from.send("through")
    expect([String(await to.receive()), String(await seen.receive())]).toEqual(["through", "through"])
    proxy.terminate()
    await running
    expect(() => new one.zmq.Proxy(front, back, new other.zmq.Push() as object)).toThrow(TypeError)
  })

  it("puts a codec on its sockets", async () => {
    const numbers: StandardSchema<number> = {
      "~standard": {
        version: 1,
        vendor: "none",
        validate: value => (typeof value === "number" ? { value } : { issues: [{ message: "no number" }] }),
      },
    }
    const pull = one.codecs.withCodec(until(new other.zmq.Pull()), other.codecs.json({ schema: numbers }))
    const push = other.codecs.withCodec(until(new one.zmq.Push()), one.codecs.json<number>())
    await pull.bind(address)
    push.connect(address)
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    await push.socket.send("null")
    await expect(pull.receive()).rejects.toMatchObject({ issues: [{ message: "no number" }] })
    await push.socket.send("{")
    await expect(pull.receive()).rejects.toSatisfy(
      error =>
        error instanceof other.codecs.InvalidMessageError &&
        error instanceof one.codecs.InvalidMessageError &&
        error instanceof other.zmq.ZmqError,
    )
  })

  it("observes its sockets", async () => {
    const pull = until(new other.zmq.Pull())
    const observer = new one.zmq.Observer(pull)
    await pull.bind("tcp://127.0.0.1:*")
    expect(await observer.receive()).toMatchObject({ type: "bind", address: pull.lastEndpoint })
    pull.close()
    const types: string[] = []
    for await (const { type } of observer) types.push(type)
    expect(types).toEqual(["close", "end"])
  })

  it("hands over memory that it has marked", async () => {
    const program = `
      const { parentPort, workerData } = require("node:worker_threads")
      const { Pull } = require(workerData)
      const pull = new Pull()
      pull.connect("inproc://moved-${process.pid}")
      pull.receive().then(([part]) => parentPort.postMessage(part.length))
    `
    const push = until(new one.zmq.Push())
    await push.bind(`inproc://moved-${process.pid}`)
    const worker = new Worker(program, { eval: true, workerData: join(root, "dist", "index.cjs") })
    onTestFinished(async () => void (await worker.terminate()))
    const memory = new ArrayBuffer(2 ** 20)
    await push.send(other.zmq.transfer(memory))
    const length = await new Promise(resolve => void worker.once("message", resolve))
    expect([length, memory.byteLength]).toEqual([2 ** 20, 0])
  })

  it("finds them to be instances of its classes, and of no others", () => {
    const { Socket, Push, Pull, Context, Observer, ZmqError } = one.zmq
    class MyPush extends Push {}
    const push = until(new other.zmq.Push())
    const proxy = new other.zmq.Proxy(push, push)
    const made = [
      push,
      new MyPush(),
      other.zmq.context,
      push.events,
      proxy,
      new other.zmq.ZmqError("EAGAIN"),
      {},
    ]
    const classes = [Socket, Push, MyPush, Pull, Context, Observer, one.zmq.Proxy, ZmqError]
    const found = made.map(object => classes.filter(Class => object instanceof Class))
    expect(found).toEqual([
      [Socket, Push],
      [Socket, Push, MyPush],
      [Context],
      [Observer],
      [one.zmq.Proxy],
      [ZmqError],
      [],
    ])
  })

  it("has methods and properties for its sockets", async () => {
    const pull = until(new other.zmq.Pull())
    await one.zmq.Pull.prototype.bind.call(pull, address)
    expect(Reflect.get(one.zmq.Pull.prototype, "lastEndpoint", pull)).toBe(address)
  })
})

describe("another version", () => {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-copies-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, "dist"), folder, { recursive: true })
  let isOther = false
  for (const name of readdirSync(folder).filter(file => file.endsWith(".cjs"))) {
    const text = readFileSync(join(folder, name), "utf8")
    const changed = text.replace(`version = "${version}"`, 'version = "0.0.0"')
    isOther ||= changed !== text
    writeFileSync(join(folder, name), changed)
  }
  const strange = load("another version", folder, ".cjs")
  const stranger = () => until(new strange.zmq.Pull())

  it("has a context of its own, and shares the names of inproc", async () => {
    expect(isOther).toBe(true)
    expect(strange.zmq.context).not.toBe(esm.zmq.context)
    const pull = stranger()
    const push = until(new esm.zmq.Push())
    await pull.bind(address)
    push.connect(address)
    await push.send("a")
    expect(String(await pull.receive())).toBe("a")
  })

  it("is refused as any other object is", () => {
    const { context } = strange.zmq
    expect(() => new esm.zmq.Push({ context })).toThrow(new Error("Invalid argument"))
    expect(() => new esm.zmq.Observer(stranger())).toThrow(new Error("Invalid argument"))
    expect(() => new esm.zmq.Proxy(stranger(), until(new esm.zmq.Push()))).toThrow(
      new Error("Invalid argument"),
    )
    expect(() => esm.codecs.withCodec(stranger(), esm.codecs.json())).toThrow(
      new TypeError("Illegal invocation"),
    )
    expect(stranger() instanceof esm.zmq.Socket).toBe(false)
  })
})
