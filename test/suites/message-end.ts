import assert from "node:assert/strict"
import type { Connection, ConnectionSink, UnreadMessages } from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import { bind, connect, type Kind } from "./listening.ts"
import type { Random } from "./random.ts"
import { type Deferred, deferred, RecordingHost, type TransportSetup, turn } from "./transport-bench.ts"

/** One end of a connection, with all that happened to it. */
export class MessageEnd {
  /** Messages and controls in the order they came. */
  readonly got: (Message | Control)[] = []
  drains = 0
  closes = 0
  late = 0
  reason: Error | undefined
  onMessage: () => void = () => {}
  onClosed: () => void = () => {}
  isOpen = false
  #goal = Number.POSITIVE_INFINITY
  #reached = deferred()
  #drained = deferred()
  readonly #closed: Deferred<void> = deferred()
  readonly closed: Promise<void> = this.#closed.promise

  constructor(readonly connection: Connection) {}

  open(): void {
    assert.equal(this.got.length, 0)
    this.isOpen = true
    const sink: ConnectionSink = {
      message: message => this.#take(message),
      control: control => this.#take(control),
      drain: () => this.#onDrain(),
      closed: (error, unread) => this.#onClosed(error, unread),
    }
    this.connection.open(sink)
  }

  get messages(): Message[] {
    return this.got.filter((item): item is Message => Array.isArray(item))
  }

  /** Until so many messages and controls have come. */
  reaches(count: number): Promise<void> {
    this.#goal = count
    this.#reached = deferred()
    if (this.got.length >= count) this.#reached.resolve()
    return this.#reached.promise
  }

  /** The next drain(). To be called before the send(). */
  drained(): Promise<void> {
    return this.#drained.promise
  }

  #take(item: Message | Control): void {
    assert.ok(this.isOpen, "nothing comes before open")
    if (this.closes > 0) this.late++
    this.got.push(item)
    this.onMessage()
    if (this.got.length >= this.#goal) this.#reached.resolve()
  }

  #onDrain(): void {
    if (this.closes > 0) this.late++
    this.drains++
    this.#drained.resolve()
    this.#drained = deferred()
  }

  #onClosed(error: Error | undefined, unread: UnreadMessages | undefined): void {
    for (let message = unread?.next(); message !== undefined; message = unread?.next()) this.got.push(message)
    this.closes++
    this.reason = error
    this.onClosed()
    this.#closed.resolve()
  }
}

export function text(...parts: string[]): Message {
  return parts.map(part => Buffer.from(part))
}

/** As arrays of plain text, so that any kind of bytes compares. */
export function plain(messages: readonly Message[]): string[][] {
  return messages.map(parts => parts.map(part => Buffer.from(part).toString("latin1")))
}

let hosts = 0

/** Every host has a routing id of its own. */
export function messageHost(setup: Pick<TransportSetup, "options">): RecordingHost {
  return new RecordingHost(
    { socketType: "PAIR", routingId: Buffer.from(`host-${hosts++}`), tellsRoutingId: false },
    setup.options,
  )
}

const ends = new WeakMap<Connection, MessageEnd>()

export function endOf(connection: Connection): MessageEnd {
  const end = ends.get(connection) ?? new MessageEnd(connection)
  ends.set(connection, end)
  return end
}

export const MESSAGE_KIND: Kind = {
  host: messageHost,

  async exchange(near, far) {
    const [a, b] = both(near, far)
    const nonce = String(Math.random())
    a.connection.send(text("from near", nonce))
    b.connection.send(text("from far", nonce))
    await Promise.all([a.reaches(1), b.reaches(1)])
    assert.deepEqual(plain(a.messages), [["from far", nonce]])
    assert.deepEqual(plain(b.messages), [["from near", nonce]])
  },

  async close(near, far) {
    const [a, b] = both(near, far)
    a.connection.destroy()
    await Promise.all([a.closed, b.closed])
  },
}

function both(near: Connection, far: Connection): [MessageEnd, MessageEnd] {
  const pair: [MessageEnd, MessageEnd] = [endOf(near), endOf(far)]
  for (const end of pair) if (!end.isOpen) end.open()
  return pair
}

/** Runs the check on both ends of a fresh link, whose listener is closed afterwards. */
export async function linkMessages(
  setup: TransportSetup,
  check: (near: MessageEnd, far: MessageEnd) => Promise<void>,
): Promise<void> {
  const inbox = await bind(setup, MESSAGE_KIND)
  const [near, far] = await connect(setup, MESSAGE_KIND, inbox)
  try {
    await check(endOf(near), endOf(far))
  } finally {
    near.destroy()
    far.destroy()
    await inbox.listener.close()
  }
}

export function randomMessages(random: Random): Buffer[][] {
  return Array.from({ length: 200 }, () =>
    Array.from({ length: 1 + random.below(4) }, () => Buffer.alloc(random.below(300), random.below(256))),
  )
}

export function numbers(count: number): string[][] {
  return Array.from({ length: count }, (_, i) => [`${i}`])
}

export async function leaveAtOnce(near: MessageEnd, far: MessageEnd, verb: "end" | "destroy"): Promise<void> {
  far.onMessage = () => far.connection[verb]()
  for (let i = 0; i < 50; i++) near.connection.send(text(`${i}`))
  near.open()
  far.open()
  await Promise.all([near.closed, far.closed])
  await settled(near, far)
  assert.equal(far.got.length, 1)
}

/** The far end leaves after it was given some messages, and others wait for it. Ends that count none are left out. */
export async function leaveUnconfirmed(
  near: MessageEnd,
  far: MessageEnd,
  verb: "end" | "destroy",
): Promise<void> {
  if (near.connection.unconfirmed === undefined) return
  near.open()
  far.open()
  for (let i = 0; i < 3; i++) near.connection.send(text(`${i}`))
  await far.reaches(3)
  far.connection.pause()
  for (let i = 3; i < 50; i++) near.connection.send(text(`${i}`))
  far.connection[verb]()
  await Promise.all([near.closed, far.closed])
  assert.deepEqual(plain(far.messages), numbers(3))
  assert.equal(near.connection.unconfirmed, 47)
  await settled(near, far)
}

/** A few turns later nothing has followed closed(). */
export async function settled(...ends: MessageEnd[]): Promise<void> {
  for (let i = 0; i < 4; i++) await turn()
  for (const end of ends) {
    assert.equal(end.closes, 1, "closed exactly once")
    assert.equal(end.late, 0, "nothing after closed")
  }
}
