/**
 * A peer in a process or a thread of its own, on the native package or on this one: `peer-process.ts native|ours`.
 * Does what it is told over the message channel; see peer.ts and peer-thread.ts for the other side.
 */
import { createHash } from "node:crypto"
import { parentPort, Worker } from "node:worker_threads"
import { type TlsOptions, tls } from "../../transports/tls.ts"
import { Forwarder } from "./forwarder.ts"
import { askAgain, NumberedCheck, type NumberedOptions, numbered } from "./numbered.ts"

/** By process.exit(), by an exception nobody catches, or sending from inside a listener to `exit`. */
export type WayToExit = "exit" | "throw" | "listener"

export interface PeerCommands {
  /**
   * Makes a socket of a class such as "Push"; returns its name for the other commands. With the option `shared` it is in
   * a context of its own that shares inproc names under that name; with `tls` in one that has this transport alone.
   */
  open(type: string, options?: Record<string, unknown>): string
  bind(socket: string, address: string): Promise<string>
  unbind(socket: string, address: string): Promise<void>
  connect(socket: string, address: string): void
  disconnect(socket: string, address: string): void
  subscribe(socket: string, ...topics: string[]): void
  unsubscribe(socket: string, ...topics: string[]): void
  /** Parts travel as base64. */
  send(socket: string, parts: string[]): Promise<void>
  receive(socket: string): Promise<string[]>
  /** Sends the messages numbered from … to - 1. */
  sendNumbered(socket: string, from: number, to: number, options?: NumberedOptions): Promise<void>
  /** As sendNumbered(), and then ends in that way, in the same turn. There is no answer. */
  sendAndExit(
    socket: string,
    from: number,
    to: number,
    way: WayToExit,
    options?: NumberedOptions,
  ): Promise<void>
  /** Receives the messages numbered from … to - 1; rejects when one is missing, doubled or out of order. */
  receiveNumbered(socket: string, from: number, to: number, options?: NumberedOptions): Promise<void>
  /** REQ: sends each numbered message and checks that the reply is the same. */
  askNumbered(socket: string, from: number, to: number, options?: NumberedOptions): Promise<void>
  /** REQ, relaxed and correlated, with a receiveTimeout: likewise, but asks again when there is no answer in time. */
  askAgainNumbered(socket: string, from: number, to: number, options?: NumberedOptions): Promise<void>
  /** Passes messages on from one socket to another, for ever. */
  passOn(from: string, to: string): Promise<void>
  /** REP: returns as many messages as they came; for ever without a count. */
  echo(socket: string, count?: number): Promise<void>
  /** REP, bound as an authentication handler: lets in alice with the password "secret", and in NULL the domain "open". */
  serveZap(socket: string): void
  /** Forwards between an XSUB and an XPUB, both ways, from now on. */
  forward(xsub: string, xpub: string): void
  /** How many messages have gone down through the XSUB so far. */
  forwarded(xsub: string): number
  /** Passes so many messages on from one socket to another. */
  relay(from: string, to: string, count: number): Promise<void>
  /** Records the events of the socket from now on, for sees(). */
  watch(socket: string): void
  /** Returns, once the socket has had so many events of the type, all that it had so far. */
  sees(socket: string, type: string, count?: number): Promise<SeenEvent[]>
  /** Runs a proxy between two sockets. */
  proxy(front: string, back: string): void
  /** Waits until the socket can send at once. */
  writable(socket: string): Promise<void>
  close(socket: string): void
  /**
   * Sends so many messages of a size, all the same memory; returns how often send() had to wait.
   */
  offer(socket: string, count: number, size: number): Promise<number>
  /** Receives so many messages, and takes its time for each. */
  consumeSlowly(socket: string, count: number): Promise<void>
  /** Resident memory in bytes: now, and the most since the start or the last call. */
  memory(): { now: number; peak: number }
  /** Sets the gate to 1, and makes the thread deaf and dumb until somebody sets it to something else. */
  block(gate: Int32Array): void
  /** Starts a worker of its own. */
  startWorker(script: string, workerData: object): void
  /** Throws where nobody catches it. */
  fail(): void
  /** Ends when nothing holds the process or thread any more. */
  leave(): void
}

// biome-ignore lint/suspicious/noExplicitAny: two libraries with one surface, whose types are no matter here
type AnySocket = any

const library = process.argv[2] === "native" ? await import("zeromq") : await import("../../src/index.ts")
let peak = 0
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 10).unref()

const sockets = new Map<string, AnySocket>()
const forwarders = new Map<string, Forwarder>()
const seen = new Map<string, { events: AnySocket; record: SeenEvent[] }>()

function get(name: string): AnySocket {
  const socket: AnySocket = sockets.get(name)
  if (socket === undefined) throw new Error(`no socket ${name}`)
  return socket
}

const commands: PeerCommands = {
  open(type, { shared, tls: credentials, ...options } = {}) {
    const name = `${type}${sockets.size}`
    const { [type]: Class, Context } = library as AnySocket
    const settings = credentials === undefined ? { shared } : { transports: [tls(credentials as TlsOptions)] }
    const context =
      shared === undefined && credentials === undefined ? {} : { context: new Context(settings) }
    sockets.set(name, new Class({ ...options, ...context }))
    return name
  },
  async bind(name, address) {
    await get(name).bind(address)
    return get(name).lastEndpoint
  },
  unbind: (name, address) => get(name).unbind(address),
  connect: (name, address) => get(name).connect(address),
  disconnect: (name, address) => get(name).disconnect(address),
  subscribe: (name, ...topics) => get(name).subscribe(...topics),
  unsubscribe: (name, ...topics) => get(name).unsubscribe(...topics),
  send: (name, parts) => get(name).send(parts.map(part => Buffer.from(part, "base64"))),
  async receive(name) {
    const parts: Buffer[] = await get(name).receive()
    return parts.map(part => part.toString("base64"))
  },
  async sendNumbered(name, from, to, options) {
    for (let n = from; n < to; n++) await get(name).send(numbered(n, options))
  },
  async sendAndExit(name, from, to, way, options) {
    const socket = get(name)
    if (way === "exit") {
      for (let n = from; n < to; n++) await socket.send(numbered(n, options))
      process.exit()
    }
    const sendAll = () => {
      for (let n = from; n < to; n++) socket.send(numbered(n, options))
    }
    if (way === "listener") process.on("exit", sendAll).exit()
    setImmediate(() => {
      sendAll()
      throw new Error("on purpose")
    })
  },
  async receiveNumbered(name, from, to, options) {
    const check = new NumberedCheck(from, options)
    while (check.next < to) check.take(await get(name).receive())
  },
  async askNumbered(name, from, to, options) {
    const check = new NumberedCheck(from, options)
    for (let n = from; n < to; n++) {
      await get(name).send(numbered(n, options))
      check.take(await get(name).receive())
    }
  },
  askAgainNumbered: (name, from, to, options) => askAgain(get(name), from, to, options),
  async passOn(from, to) {
    for (;;) await get(to).send(await get(from).receive())
  },
  async echo(name, count = Number.POSITIVE_INFINITY) {
    for (let n = 0; n < count; n++) await get(name).send(await get(name).receive())
  },
  serveZap: name => void serveZap(get(name)),
  forward: (xsub, xpub) => void forwarders.set(xsub, new Forwarder(get(xsub), get(xpub))),
  forwarded: xsub => forwarders.get(xsub)?.down ?? 0,
  async relay(from, to, count) {
    for (let n = 0; n < count; n++) await get(to).send(await get(from).receive())
  },
  watch(name) {
    const { events } = get(name)
    const record: SeenEvent[] = []
    seen.set(name, { events, record })
  },
  async sees(name, type, count = 1) {
    const { events, record } = seen.get(name) as { events: AnySocket; record: SeenEvent[] }
    while (record.filter(event => event.type === type).length < count) {
      const { error, ...event } = await events.receive()
      record.push(error === undefined ? event : { ...event, code: error.code, status: error.status })
    }
    return record
  },
  proxy(front, back) {
    const proxy = new (library as AnySocket).Proxy(get(front), get(back))
    proxy.run().catch(() => {})
  },
  async writable(name) {
    while (!get(name).writable) await new Promise(resolve => setImmediate(resolve))
  },
  close: name => get(name).close(),
  async offer(name, count, size) {
    const socket = get(name)
    const body = Buffer.alloc(size, 1)
    let waits = 0
    for (let n = 0; n < count; n++) {
      if (!socket.writable) waits++
      await socket.send(body)
    }
    return waits
  },
  async consumeSlowly(name, count) {
    for (let n = 0; n < count; n++) {
      const [body] = await get(name).receive()
      // Work of a consumer that is slower than the sender, whatever the machine.
      for (let i = 0; i < 4; i++) createHash("sha512").update(body).digest()
    }
  },
  memory() {
    const now = process.memoryUsage.rss()
    const top = Math.max(peak, now)
    peak = now
    return { now, peak: top }
  },
  block(gate) {
    Atomics.store(gate, 0, 1)
    Atomics.wait(gate, 0, 1)
  },
  startWorker: (script, workerData) => void new Worker(new URL(script), { workerData }),
  fail() {
    setImmediate(() => {
      throw new Error("on purpose")
    })
  },
  leave: () => (parentPort === null ? process.disconnect() : parentPort.unref()),
}

/** An event as plain data; of its error the code. */
export interface SeenEvent {
  readonly type: string
  readonly address?: string
  readonly interval?: number
  readonly code?: string
  readonly status?: number
}

async function serveZap(handler: AnySocket): Promise<void> {
  for await (const [version, id, domain, , , mechanism, ...credentials] of handler) {
    const isAlice = mechanism.equals(Buffer.from("PLAIN")) && credentials.join() === "alice,secret"
    const isOpen = mechanism.equals(Buffer.from("NULL")) && `${domain}` === "open"
    await handler.send([version, id, isAlice || isOpen ? "200" : "400", "", isAlice ? "alice" : "", ""])
  }
}

interface Call {
  readonly id: number
  readonly command: keyof PeerCommands
  readonly args: unknown[]
}

/** The one who asked may have left. */
function answer(message: object): void {
  if (parentPort !== null) parentPort.postMessage(message)
  else if (process.connected) process.send?.(message)
}

const channel = parentPort ?? process
channel.on("message", async ({ id, command, args }: Call) => {
  try {
    const result = await (commands[command] as (...args: unknown[]) => unknown)(...args)
    answer({ id, result })
  } catch (error) {
    answer({ id, error: String((error as Error).message), code: (error as { code?: string }).code })
  }
})
answer({ ready: true })
