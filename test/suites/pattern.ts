/**
 * What every pattern must do, whatever it is for. Runner-agnostic: hand in describe and it of your own.
 *
 *     patternSuite("PUSH", { describe, it }, { create: () => new Push(), sends: "round-robin", receives: "never" })
 */
import assert from "node:assert/strict"
import type { RemotePeer } from "../../src/contracts/connection.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Pattern } from "../../src/contracts/pattern.ts"
import { FakePipe, message, text } from "../support/fake-pipe.ts"
import { Random } from "./random.ts"
import type { TestRunner } from "./runner.ts"

/** The suite must know this of a pattern. */
export interface PatternSetup {
  /** Makes a new pattern. */
  create(): Pattern
  /**
   * Who gets a message: the next peer that has room; one that has room, by a rule of the pattern's own; every peer that
   * has room; every pipe that has room, even before it has a peer; the only peer; whoever a message was received from
   * last (a full one loses it); whoever it is addressed to (one that is full or unknown loses it); nobody, because
   * sending is not supported.
   */
  sends: "round-robin" | "one" | "fan-out" | "broadcast" | "single" | "answer" | "addressed" | "never"
  /** Whose messages are received: each peer's in turn; the only peer's; one that is awaited; nobody's. */
  receives: "fair" | "single" | "awaited" | "never"
  /** The body that the program sees, as it travels; the body itself when absent. */
  wrap?(body: Message): Message
  /** The opposite, for what the pattern wrote; called with everything that it wrote, as soon as it did. */
  unwrap?(wire: Message): Message
  /** What the program sends for a peer to get the body, where it says to whom; undefined: to one that doesn't exist. */
  address?(body: Message, pipe: FakePipe | undefined): Message
  /** The body of what the program received, where more comes with it. */
  strip?(received: Message): Message
  /** What the far end of a pipe says about itself. */
  peer?(pipe: FakePipe): Partial<RemotePeer>
  /** Makes a fresh connection one that messages go to, such as by the peer's subscription. */
  welcome?(pattern: Pattern, pipe: FakePipe): void
  /** Repeats the random run that failed with this seed. */
  readonly seed?: number
  /** Makes a pattern that alternates willing to send or receive. Uses the bench, so that all stays accounted for. */
  ready?(operation: "send" | "receive", bench: PatternBench): void
}

const RANDOM_RUNS = 30
const STEPS_PER_RUN = 300

/** A pattern under test with its pipes. Each action checks what must hold after it. */
export class PatternBench {
  /** This is the pattern under test. */
  readonly pattern: Pattern
  /** This is what the suite knows of it. */
  readonly setup: PatternSetup
  /** These are all pipes so far, those that left included. */
  readonly pipes: FakePipe[] = []
  /** Bodies under way to the program, per pipe in order. */
  readonly #pending = new Map<FakePipe, string[][]>()
  #count = 0
  /** Pipes that have had a peer. */
  readonly #known = new Set<FakePipe>()
  /** Id of the pipe that a message was received from last. */
  #source: string | undefined
  readonly #asker = ({ id }: FakePipe): boolean => `${id}` === this.#source

  constructor(setup: PatternSetup) {
    this.setup = setup
    this.pattern = setup.create()
  }

  /** The pipes that are attached. */
  get live(): FakePipe[] {
    return this.pipes.filter(pipe => !pipe.isDetached)
  }

  /** A pipe without a peer joins the pattern. */
  attach(): FakePipe {
    const pipe = new FakePipe(this.pattern).attach()
    this.pipes.push(pipe)
    this.#pending.set(pipe, [])
    this.check()
    return pipe
  }

  /** A connection of the pipe begins. */
  connect(pipe: FakePipe): FakePipe {
    pipe.connect(this.setup.peer?.(pipe))
    this.#known.add(pipe)
    this.setup.welcome?.(this.pattern, pipe)
    this.check()
    return pipe
  }

  /** A pipe with a peer joins the pattern. */
  join(): FakePipe {
    return this.connect(this.attach())
  }

  /** The peer sends a message that tells where and when it was sent; with empty parts in the middle and at the end. */
  deliver(pipe: FakePipe, parts = 4): void {
    const body = [`${pipe.id}`, `${++this.#count}`, "", "end", "", ""].slice(0, Math.max(parts, 2))
    this.#pending.get(pipe)?.push(body)
    const wire = message(...body)
    pipe.deliver(this.setup.wrap?.(wire) ?? wire)
    if (this.setup.receives === "never")
      assert.equal(pipe.unread, 0, "messages pile up that nobody will receive")
    this.check()
  }

  /** Sends, and checks who got it. */
  send(parts = 3): boolean {
    const body = [`sent ${++this.#count}`, "", "x", ""].slice(0, parts)
    const able = this.pattern.canSend()
    const roomy = this.live.filter(pipe => pipe.room > 0)
    const before = this.pipes.map(pipe => pipe.written.length)
    const addressee = this.#nextAddressee()
    const sent = this.pattern.trySend(this.setup.address?.(message(...body), addressee) ?? message(...body))
    assert.equal(sent, able, "canSend() and trySend() disagree")
    const got = this.pipes.filter((pipe, i) => pipe.written.length > (before[i] ?? 0))
    for (const pipe of got) this.#checkWritten(pipe, before[this.pipes.indexOf(pipe)] ?? 0, body)
    if (!sent) assert.equal(got.length, 0, "a refused send has done something")
    else if (this.setup.sends === "fan-out")
      assert.deepEqual(got, roomy.filter(hasPeer), "not everybody with room got the message")
    else if (this.setup.sends === "addressed")
      assert.deepEqual(
        got,
        roomy.filter(pipe => pipe === addressee && this.#known.has(pipe)),
        "it went astray",
      )
    else if (this.setup.sends === "broadcast")
      assert.deepEqual(got, roomy, "not every pipe with room got the message")
    else if (this.setup.sends === "answer")
      assert.deepEqual(got, roomy.filter(this.#asker), "the answer went astray")
    else assert.equal(got.length, 1, "the message went to none or to several")
    this.check()
    return sent
  }

  /** Receives, and checks that it is the next message of the pipe it came from. */
  receive(): string[] | undefined {
    const able = this.pattern.canReceive()
    assert.equal(this.pattern.canReceive(), able, "asking canReceive() changes its answer")
    const received = this.tryReceive()
    assert.equal(received !== undefined, able, "canReceive() and tryReceive() disagree")
    if (received === undefined) return undefined
    const [pipe, pending] = [...this.#pending].find(([{ id }]) => `${id}` === received[0]) ?? []
    assert.ok(pipe && pending, "a message was received that nobody sent")
    // Only patterns that await a certain message may pass over others.
    const at = this.setup.receives === "awaited" ? pending.findIndex(body => body[1] === received[1]) : 0
    assert.deepEqual(received, pending[at], "a message was torn, lost, repeated or overtaken")
    pending.splice(0, at + 1)
    this.#source = received[0]
    this.check()
    return received
  }

  /** The body of the next message, as text. */
  tryReceive(): string[] | undefined {
    const received = this.pattern.tryReceive()
    return received && text(this.setup.strip?.(received) ?? received)
  }

  /** Makes the pattern willing to send or to receive. */
  ready(operation: "send" | "receive"): void {
    this.setup.ready?.(operation, this)
  }

  /** Forgets what was under way on the pipe: its messages are lost by intent. */
  expectNothing(pipe: FakePipe): void {
    this.#pending.set(pipe, [])
  }

  /** How many messages are still to be received. */
  get pending(): number {
    return [...this.#pending.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** What holds at any time. */
  check(): void {
    const { pattern, setup } = this
    if (setup.sends === "never") {
      assert.equal(pattern.canSend(), false)
      assert.equal(pattern.trySend(message("no")), false)
      assert.equal(pattern.refusal("send"), "ENOTSUP")
    }
    if (setup.receives === "never") {
      assert.equal(pattern.canReceive(), false)
      assert.equal(pattern.tryReceive(), undefined)
      assert.equal(pattern.refusal("receive"), "ENOTSUP")
    }
    for (const pipe of this.pipes) assert.equal(pipe.failures.length, 0, "an innocent peer was blamed")
  }

  /** Each in turn. */
  #nextAddressee(): FakePipe | undefined {
    return this.live[this.#count % this.live.length]
  }

  #checkWritten(pipe: FakePipe, from: number, body: string[]): void {
    const wires = pipe.written.slice(from)
    const bodies = wires.map(wire => text(this.setup.unwrap?.(wire) ?? wire))
    assert.deepEqual(bodies, [body], "a message was torn or repeated")
  }
}

function hasPeer({ peer }: FakePipe): boolean {
  return peer !== undefined
}

/**
 * Tests a pattern through the whole of its contract, by hand and with random steps. A failure tells the seed of its run.
 *
 * @example
 * ```ts
 * import { describe, it } from "node:test"
 * patternSuite("MINE", { describe, it }, { create: minePattern, sends: "round-robin", receives: "never" })
 * ```
 */
export function patternSuite(name: string, { describe, it }: TestRunner, setup: PatternSetup): void {
  const bench = () => new PatternBench(setup)
  describe(`${name} as a pattern`, () => {
    describe("pipes", () => pipeTests(it, bench))
    if (setup.sends !== "never") describe("sending", () => sendTests(it, bench))
    if (setup.sends === "round-robin") describe("dealing out", () => roundRobinTests(it, bench))
    if (setup.sends === "fan-out" || setup.sends === "broadcast")
      describe("fanning out", () => fanOutTests(it, bench))
    if (setup.receives !== "never") describe("receiving", () => receiveTests(it, bench))
    if (setup.receives === "fair") describe("fairness", () => fairnessTests(it, bench))
    randomTest(it, bench, setup.seed)
  })
}

type Test = TestRunner["it"]
type Bench = () => PatternBench

function pipeTests(it: Test, bench: Bench): void {
  it("has nothing to receive and nobody to wait for at first", () => {
    const fresh = bench()
    assert.equal(fresh.receive(), undefined)
    assert.equal(fresh.pattern.canReceive(), false)
  })

  it("bears attach, connected, disconnected and detach repeated", () => {
    const b = bench()
    const pipe = b.join()
    b.pattern.attach(pipe)
    b.connect(pipe)
    b.ready("send")
    b.send()
    pipe.lose()
    b.pattern.disconnected?.(pipe)
    pipe.detach()
    pipe.detach()
    b.pattern.disconnected?.(pipe)
    b.check()
  })

  it("counts a pipe that is attached twice once", () => {
    const b = bench()
    const pipe = b.join()
    b.pattern.attach(pipe)
    b.ready("send")
    b.send()
    pipe.detach()
    b.check()
    assert.equal(b.receive(), undefined)
  })

  it("reads what is in a pipe that joins", () => {
    const b = bench()
    const pipe = new FakePipe(b.pattern).preload(b.setup.wrap?.(message("early")) ?? message("early"))
    pipe.attach().connect(b.setup.peer?.(pipe))
    if (b.setup.receives === "fair" || b.setup.receives === "single")
      assert.deepEqual(b.tryReceive(), ["early"])
    assert.equal(pipe.unread, 0)
  })

  it("never uses a pipe again that was detached and drained", () => {
    const b = bench()
    const gone = b.join()
    b.ready("receive")
    if (b.setup.receives !== "awaited") b.deliver(gone)
    gone.detach()
    if (b.setup.receives === "fair" || b.setup.receives === "single") assert.ok(b.receive())
    for (let i = 0; i < 3; i++) {
      b.ready("receive")
      b.receive()
      b.ready("send")
      b.send()
    }
  })

  it("never uses a pipe again that its own side disconnected", () => {
    const b = bench()
    const [gone, other] = [b.join(), b.setup.sends === "single" ? undefined : b.join()]
    b.ready("receive")
    b.deliver(gone)
    // What is awaited has been taken from the pipe already.
    if (b.setup.receives !== "awaited") b.expectNothing(gone)
    gone.disconnect()
    b.ready("send")
    b.send()
    assert.equal(gone.unread, 0)
    other?.detach()
    b.check()
  })

  it("ignores controls of pipes that it does not know, or that have no connection", () => {
    const b = bench()
    const stranger = new FakePipe(b.pattern)
    const topic = new Uint8Array(0)
    for (const pipe of [stranger, b.attach()]) {
      b.pattern.control?.(pipe, { type: "subscribe", topic })
      b.pattern.control?.(pipe, { type: "cancel", topic })
      b.pattern.control?.(pipe, { type: "subscribe", topic })
      b.pattern.disconnected?.(stranger)
    }
    b.ready("send")
    b.send()
    assert.equal(stranger.written.length, 0)
  })
}

function sendTests(it: Test, bench: Bench): void {
  it("keeps parts whole, empty ones too, and messages in order", () => {
    const b = bench()
    const pipe = b.join()
    for (let parts = 1; parts <= 4; parts++) {
      b.ready("send")
      assert.equal(b.send(parts), true)
    }
    assert.equal(pipe.written.length, 4)
  })

  it("refuses, and does nothing, or drops when the only peer is full", () => {
    const b = bench()
    const pipe = b.join()
    pipe.setRoom(0)
    b.ready("send")
    const waits = ["round-robin", "one", "single"].includes(b.setup.sends)
    assert.equal(b.send(), !waits)
    if (waits) assert.equal(b.pattern.refusal("send"), "EAGAIN")
    assert.equal(b.send() && waits, false)
    pipe.setRoom(1)
    b.ready("send")
    assert.equal(b.send(), true)
    assert.equal(pipe.room, 0)
  })

  it("waits for a peer, drops, or has nobody to answer when there is none", () => {
    const b = bench()
    const drops = ["fan-out", "broadcast", "addressed"].includes(b.setup.sends)
    b.ready("send")
    assert.equal(b.send(), drops)
    b.join().detach()
    b.ready("send")
    assert.equal(b.send(), drops)
  })
}

function roundRobinTests(it: Test, bench: Bench): void {
  const turns = (b: PatternBench, count: number): number[] => {
    const order: number[] = []
    for (let i = 0; i < count; i++) {
      const before = b.pipes.map(pipe => pipe.written.length)
      b.ready("send")
      // Not by way of the bench, which asks canSend() first.
      if (!b.pattern.trySend(message("turn"))) return order
      const at = b.pipes.findIndex((pipe, i) => pipe.written.length > (before[i] ?? 0))
      b.setup.unwrap?.(b.pipes[at]?.written.at(-1) ?? [])
      order.push(at)
    }
    return order
  }

  it("gives each peer its turn", () => {
    const b = bench()
    for (let i = 0; i < 3; i++) b.join()
    assert.deepEqual(turns(b, 7), [0, 1, 2, 0, 1, 2, 0])
  })

  it("sends to peers that are not there yet, up to what their pipe takes", () => {
    const b = bench()
    b.attach().setRoom(1)
    assert.deepEqual(turns(b, 1), [0])
  })

  it("passes over full peers, and puts them last when they have room again", () => {
    const b = bench()
    const [first] = [b.join(), b.join(), b.join()]
    first.setRoom(1)
    assert.deepEqual(turns(b, 6), [0, 1, 2, 1, 2, 1])
    first.setRoom(2)
    assert.deepEqual(turns(b, 4), [2, 1, 0, 2])
  })

  it("passes over peers that are gone", () => {
    const b = bench()
    const [, second] = [b.join(), b.join(), b.join()]
    assert.deepEqual(turns(b, 1), [0])
    second.detach()
    assert.deepEqual(turns(b, 4), [2, 0, 2, 0])
  })

  it("takes newcomers in as the last ones", () => {
    const b = bench()
    b.join()
    b.join()
    assert.deepEqual(turns(b, 1), [0])
    b.join()
    assert.deepEqual(turns(b, 4), [1, 0, 2, 1])
  })
}

function fanOutTests(it: Test, bench: Bench): void {
  it("gives the message to all, once, and only those who are full miss it", () => {
    const b = bench()
    const pipes = [b.join(), b.join(), b.join()]
    pipes[1]?.setRoom(1)
    for (let i = 0; i < 3; i++) assert.equal(b.send(), true)
    assert.deepEqual(
      pipes.map(pipe => pipe.written.length),
      [3, 1, 3],
    )
    pipes[1]?.setRoom(5)
    b.send()
    assert.equal(pipes[1]?.written.length, 2)
  })
}

function receiveTests(it: Test, bench: Bench): void {
  it("keeps parts whole, empty ones too", () => {
    const b = bench()
    const pipe = b.join()
    for (let parts = 2; parts <= 6; parts++) {
      b.ready("receive")
      b.deliver(pipe, parts)
      assert.equal(b.receive()?.length, parts)
    }
  })

  it("says that waiting helps when there is nothing yet", () => {
    const b = bench()
    b.join()
    b.ready("receive")
    assert.equal(b.receive(), undefined)
    assert.equal(b.pattern.refusal("receive"), "EAGAIN")
  })

  it("receives after the connection was lost and after it has come back", () => {
    const b = bench()
    const pipe = b.join()
    b.ready("receive")
    b.deliver(pipe)
    pipe.lose()
    assert.ok(b.receive())
    b.connect(pipe)
    b.ready("receive")
    b.deliver(pipe)
    assert.ok(b.receive())
  })

  it("receives what a detached pipe still holds", () => {
    const b = bench()
    const pipe = b.join()
    b.ready("receive")
    b.deliver(pipe)
    pipe.detach()
    assert.ok(b.receive())
    assert.equal(pipe.unread, 0)
  })
}

function fairnessTests(it: Test, bench: Bench): void {
  const sources = (b: PatternBench, count: number): number[] => {
    const order: number[] = []
    for (let i = 0; i < count; i++) {
      b.ready("receive")
      const id = b.receive()?.[0]
      order.push(b.pipes.findIndex(pipe => `${pipe.id}` === id))
    }
    return order
  }

  it("takes one message of each peer in turn", () => {
    const b = bench()
    const [first, second, third] = [b.join(), b.join(), b.join()]
    for (let i = 0; i < 4; i++) b.deliver(first)
    b.deliver(second)
    for (let i = 0; i < 2; i++) b.deliver(third)
    assert.deepEqual(sources(b, 7), [0, 1, 2, 0, 2, 0, 0])
  })

  it("lets newly readable peers wait for one round at most", () => {
    const b = bench()
    const [first, second, third] = [b.join(), b.join(), b.join()]
    for (let i = 0; i < 9; i++) for (const pipe of [first, second]) b.deliver(pipe)
    sources(b, 3)
    b.deliver(third)
    assert.ok(sources(b, 3).includes(2))
  })

  it("gives detached pipes their turns until they are empty", () => {
    const b = bench()
    const [first, second] = [b.join(), b.join()]
    for (let i = 0; i < 2; i++) for (const pipe of [first, second]) b.deliver(pipe)
    first.detach()
    assert.deepEqual(sources(b, 4), [0, 1, 0, 1])
    assert.equal(b.pending, 0)
  })
}

/** Whatever happens, in whatever order, the checks of the bench hold, and nothing is lost. */
function randomTest(it: Test, bench: Bench, seed: number | undefined): void {
  it("holds its promises through random events", () => {
    for (let run = 0; run < (seed === undefined ? RANDOM_RUNS : 1); run++) {
      const random = new Random(seed)
      try {
        const b = bench()
        for (let step = 0; step < STEPS_PER_RUN; step++) randomStep(b, random)
        finish(b)
      } catch (error) {
        throw new Error(`seed ${random.seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        })
      }
    }
  })
}

type Action = (bench: PatternBench, pipe: FakePipe, random: Random) => void

const ACTIONS: readonly Action[] = [
  (_bench, pipe) => pipe.lose(),
  (bench, pipe) => pipe.peer ?? bench.connect(pipe),
  (bench, pipe) => pipe.peer ?? bench.connect(pipe),
  (_bench, pipe, random) => random.chance(0.2) && pipe.detach(),
  (_bench, pipe) => pipe.setRoom(0),
  (_bench, pipe, random) => pipe.setRoom(1 + random.below(5)),
  (bench, pipe, random) => pipe.peer && bench.deliver(pipe, 2 + random.below(5)),
  (bench, pipe, random) => pipe.peer && bench.deliver(pipe, 2 + random.below(5)),
  (bench, _pipe, random) => bench.send(1 + random.below(4)),
  (bench, _pipe, random) => bench.send(1 + random.below(4)),
  bench => void bench.receive(),
  bench => void bench.receive(),
  bench => bench.ready("send"),
  bench => bench.ready("receive"),
]

function randomStep(bench: PatternBench, random: Random): void {
  const limit = bench.setup.sends === "single" ? 1 : 5
  const { live } = bench
  const pipe = random.pick(live)
  if (pipe === undefined || (live.length < limit && random.chance(0.05))) bench.attach()
  else random.pick(ACTIONS)?.(bench, pipe, random)
  bench.check()
}

/** All that was sent to us arrives, unless the pattern awaits something in particular. */
function finish(bench: PatternBench): void {
  for (const pipe of bench.live) pipe.detach()
  do bench.ready("receive")
  while (bench.receive() !== undefined)
  const { receives } = bench.setup
  if (receives === "fair" || receives === "single") assert.equal(bench.pending, 0, "messages were lost")
  for (const pipe of bench.pipes) assert.equal(pipe.unread, 0, "messages were left behind")
}
