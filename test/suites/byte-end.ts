import assert from "node:assert/strict"
import { Buffer } from "node:buffer"
import type { ByteSink, ByteStream, Connection } from "../../src/contracts/connection.ts"
import { bind, connect, type Kind } from "./listening.ts"
import type { Random } from "./random.ts"
import { deferred, RecordingHost, type TransportSetup, turn } from "./transport-bench.ts"

/** What the suite's upgrade made of streams: connections that only stand for them. */
const streams = new WeakMap<Connection, ByteStream>()

export function streamOf(connection: Connection): ByteStream {
  const stream = streams.get(connection)
  assert.ok(stream, "dial and accept must pass on what upgrade() made")
  return stream
}

/** A host whose upgrade shakes no hands. */
export function byteHost(setup: Pick<TransportSetup, "options">): RecordingHost {
  return new RecordingHost(
    { socketType: "PAIR", routingId: new Uint8Array(0), tellsRoutingId: false },
    setup.options,
    async stream => {
      const connection = new Placeholder(stream)
      streams.set(connection, stream)
      return connection
    },
  )
}

class Placeholder implements Connection {
  readonly peer = { socketType: undefined, routingId: new Uint8Array(0), tellsRoutingId: false }
  readonly local: string
  readonly remote: string

  constructor(stream: ByteStream) {
    this.local = stream.local
    this.remote = stream.remote
  }

  open(): void {}
  send(): boolean {
    return assert.fail("a byte transport doesn't send messages")
  }
  control(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

/** `length` bytes that tell where they belong. */
export function bytes(length: number, start: number): Uint8Array {
  const result = new Uint8Array(length)
  for (let i = 0; i < length; i++) result[i] = start + i * 7 + (i >> 8)
  return result
}

/** Chunks, their total length, and the wait for a length. */
export class WholeInput {
  length = 0
  readonly #chunks: Uint8Array[] = []
  #goal = Number.POSITIVE_INFINITY
  #reached = deferred()

  /** A copy: the chunk is borrowed. */
  add(chunk: Uint8Array): Uint8Array {
    this.#chunks.push(new Uint8Array(chunk))
    this.length += chunk.length
    if (this.length >= this.#goal) this.#reached.resolve()
    return chunk
  }

  reaches(length: number): Promise<void> {
    this.#goal = length
    this.#reached = deferred()
    if (this.length >= length) this.#reached.resolve()
    return this.#reached.promise
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

/** One end of a stream, with all that happened to it. */
export class ByteEnd {
  readonly stream: ByteStream
  readonly input = new WholeInput()
  drains = 0
  closes = 0
  /** Calls before open() and after closed(). */
  early = 0
  late = 0
  reason: Error | undefined
  onData: (chunk: Uint8Array) => void = () => {}
  onClosed: () => void = () => {}
  #isOpen = false
  #vacancy: Uint8Array | undefined
  #offers = 0
  #drained = deferred()
  readonly #closed = deferred()
  readonly closed: Promise<void> = this.#closed.promise

  constructor(connection: Connection) {
    this.stream = streamOf(connection)
  }

  open(): void {
    const sink: ByteSink = {
      data: chunk => this.#onData(chunk),
      vacancy: () => this.#offer(),
      filled: count => this.#onData(this.#vacancy!.subarray(0, count)),
      drain: () => this.#onDrain(),
      closed: error => this.#onClosed(error),
    }
    this.stream.open(sink)
    this.#isOpen = true
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The next drain(). To be called before the write(). */
  drained(): Promise<void> {
    return this.#drained.promise
  }

  /** Now and then memory to read into; streams may leave it alone. */
  #offer(): Uint8Array | undefined {
    this.#vacancy =
      this.#offers++ % 3 === 1 ? new Uint8Array(this.#offers % 2 === 0 ? 1000 : 100_000) : undefined
    return this.#vacancy
  }

  #onData(chunk: Uint8Array): void {
    this.#count()
    this.input.add(chunk)
    this.onData(chunk)
  }

  #onDrain(): void {
    this.#count()
    this.drains++
    this.#drained.resolve()
    this.#drained = deferred()
  }

  #onClosed(error?: Error): void {
    this.#count()
    this.closes++
    this.reason = error
    this.onClosed()
    this.#closed.resolve()
  }

  #count(): void {
    if (!this.#isOpen) this.early++
    if (this.closes > 0) this.late++
  }
}

export const BYTE_KIND: Kind = {
  host: byteHost,

  async exchange(near, far) {
    const ends = [endOf(near), endOf(far)]
    for (const end of ends) if (!end.isOpen) end.open()
    const [a, b] = [bytes(1000, 1 + Math.random() * 200), bytes(1000, 2 + Math.random() * 200)]
    ends[0]!.stream.write([a])
    ends[1]!.stream.write([b])
    await Promise.all(ends.map(end => end.input.reaches(1000)))
    assert.ok(ends[0]!.input.whole().equals(b))
    assert.ok(ends[1]!.input.whole().equals(a))
  },

  async close(near, far) {
    const ends = [endOf(near), endOf(far)]
    for (const end of ends) if (!end.isOpen) end.open()
    ends[0]!.stream.destroy()
    await Promise.all(ends.map(end => end.closed))
  },
}

const ends = new WeakMap<Connection, ByteEnd>()

function endOf(connection: Connection): ByteEnd {
  const end = ends.get(connection) ?? new ByteEnd(connection)
  ends.set(connection, end)
  return end
}

/** Runs the check on both ends of a fresh link, whose listener is closed afterwards. */
export async function link(
  setup: TransportSetup,
  check: (near: ByteEnd, far: ByteEnd) => Promise<void>,
): Promise<void> {
  const inbox = await bind(setup, BYTE_KIND)
  const [near, far] = (await connect(setup, BYTE_KIND, inbox)).map(endOf) as [ByteEnd, ByteEnd]
  try {
    await check(near, far)
  } finally {
    near.stream.destroy()
    far.stream.destroy()
    await inbox.listener.close()
  }
}

/** Some twenty writes of random sizes, waiting for drain() as advised. */
export async function pour(random: Random, from: ByteEnd, to: ByteEnd): Promise<void> {
  const sent = new WholeInput()
  for (let i = 0; i < 20; i++) {
    const chunks = Array.from({ length: 1 + random.below(4) }, () => {
      return sent.add(bytes(random.below(random.chance(0.2) ? 2 ** 20 : 2000), random.below(256)))
    })
    const drained = from.drained()
    if (!from.stream.write(chunks)) await drained
  }
  await to.input.reaches(sent.length)
  assert.ok(to.input.whole().equals(sent.whole()), `seed ${random.seed}`)
}

/** A few turns later nothing has followed closed(). */
export async function settled(...ends: ByteEnd[]): Promise<void> {
  for (let i = 0; i < 4; i++) await turn()
  for (const end of ends) {
    assert.equal(end.closes, 1, "closed exactly once")
    assert.equal(end.late, 0, "nothing after closed")
  }
}
