import { describe, it } from "vitest"
import { DealerPattern } from "../../../patterns/dealer.ts"
import { PairPattern } from "../../../patterns/pair.ts"
import { PubPattern } from "../../../patterns/pub.ts"
import { PullPattern } from "../../../patterns/pull.ts"
import { PushPattern } from "../../../patterns/push.ts"
import { RepPattern } from "../../../patterns/rep.ts"
import { ReqPattern } from "../../../patterns/req.ts"
import { RouterPattern } from "../../../patterns/router.ts"
import { StreamPattern } from "../../../patterns/stream.ts"
import { SubPattern } from "../../../patterns/sub.ts"
import { XPubPattern } from "../../../patterns/xpub.ts"
import { XSubPattern } from "../../../patterns/xsub.ts"
import type { Message } from "../../../src/contracts/message.ts"
import type { Pattern } from "../../../src/contracts/pattern.ts"
import { type PatternBench, patternSuite } from "../../suites/pattern.ts"
import { type FakePipe, message } from "../../support/fake-pipe.ts"

const runner = { describe, it }
const EVERYTHING = new Uint8Array(0)
const NOTHING = EVERYTHING
const ENVELOPE = message("a", "bc", "")

const idOf = (pipe: FakePipe | undefined) => Buffer.from(`peer ${pipe?.id}`)

const subscribeToAll = (pattern: Pattern, pipe: FakePipe) =>
  pattern.control?.(pipe, { type: "subscribe", topic: EVERYTHING })

patternSuite("PAIR", runner, { create: () => new PairPattern(), sends: "single", receives: "single" })
patternSuite("PUSH", runner, { create: () => new PushPattern(), sends: "round-robin", receives: "never" })
patternSuite("PULL", runner, { create: () => new PullPattern(), sends: "never", receives: "fair" })

patternSuite("DEALER", runner, {
  create: () => new DealerPattern({ probeRouter: false }),
  sends: "round-robin",
  receives: "fair",
})

patternSuite("ROUTER", runner, {
  create: () => new RouterPattern({ mandatory: false, handover: false, probeRouter: false }),
  sends: "addressed",
  receives: "fair",
  address: (body, pipe) => [idOf(pipe), ...body],
  strip: received => received.slice(1),
  peer: pipe => ({ routingId: idOf(pipe) }),
})

/** Names its peers, so that they can be addressed; takes what it refuses, as the suite expects of those who drop. */
class LossyStream extends StreamPattern {
  override attach(pipe: FakePipe): void {
    pipe.connectRoutingId = idOf(pipe)
    super.attach(pipe)
  }
  override trySend(parts: Message): boolean {
    super.trySend(parts)
    return true
  }
}

// The suite's bodies have parts, STREAM's have bytes. And the suite addresses nobody before its first connection.
const toBytes = (body: Message): Message => [Buffer.from(body.map(part => `${String(part)};`).join(""))]
const toBody = ([bytes]: Message): Message => message(...String(bytes).split(";").slice(0, -1))
const met = new WeakSet<FakePipe>()

patternSuite("STREAM", runner, {
  create: () => new LossyStream(),
  sends: "addressed",
  receives: "fair",
  wrap: toBytes,
  unwrap: toBody,
  address: (body, pipe) => [idOf(pipe && met.has(pipe) ? pipe : undefined), ...toBytes(body)],
  strip: received => toBody(received.slice(1)),
  peer: pipe => {
    met.add(pipe)
    return {}
  },
})

patternSuite("PUB", runner, {
  create: () => new PubPattern({ noDrop: false, invertMatching: false }),
  sends: "fan-out",
  receives: "never",
  welcome: subscribeToAll,
})

patternSuite("PUB, inverted", runner, {
  create: () => new PubPattern({ noDrop: false, invertMatching: true }),
  sends: "fan-out",
  receives: "never",
})

patternSuite("SUB", runner, {
  create: () => {
    const sub = new SubPattern({ invertMatching: false })
    sub.subscribe(EVERYTHING)
    return sub
  },
  sends: "never",
  receives: "fair",
})

// Inverted, so that nobody has to subscribe: subscriptions would be received among the messages.
for (const manual of [false, true]) {
  patternSuite(`XPUB, inverted${manual ? ", manual" : ""}`, runner, {
    create: () =>
      new XPubPattern({
        noDrop: false,
        invertMatching: true,
        verbosity: null,
        manual,
        welcomeMessage: NOTHING,
        receiveHighWaterMark: 0,
      }),
    sends: "fan-out",
    receives: "fair",
  })
}

patternSuite("XSUB", runner, { create: () => new XSubPattern(), sends: "broadcast", receives: "fair" })

for (const correlate of [false, true]) {
  // Replies repeat the envelope of the newest request.
  let envelope = correlate ? message("none", "") : message("")
  patternSuite(`REQ${correlate ? " with ids" : ""}`, runner, {
    create: () => new ReqPattern({ correlate, relaxed: false, probeRouter: false }),
    sends: "round-robin",
    receives: "awaited",
    unwrap: wire => {
      envelope = wire.slice(0, envelope.length)
      return wire.slice(envelope.length)
    },
    wrap: body => [...envelope, ...body],
    ready: alternateRequests,
  })
}

patternSuite("REP", runner, {
  create: () => new RepPattern(),
  sends: "answer",
  receives: "fair",
  wrap: body => [...ENVELOPE, ...body],
  unwrap: wire => wire.slice(ENVELOPE.length),
  ready: alternateReplies,
})

function alternateRequests(operation: "send" | "receive", bench: PatternBench): void {
  if (bench.pattern.refusal(operation) !== "EFSM") return
  if (operation === "receive") {
    bench.send()
    return
  }
  // Only the one that was asked is listened to.
  for (const pipe of bench.live) bench.deliver(pipe)
  bench.receive()
}

function alternateReplies(operation: "send" | "receive", bench: PatternBench): void {
  if (bench.pattern.refusal(operation) !== "EFSM") return
  if (operation === "receive") {
    bench.send()
    return
  }
  const [pipe] = bench.live
  if (!bench.pattern.canReceive() && pipe !== undefined) bench.deliver(pipe)
  bench.receive()
}
