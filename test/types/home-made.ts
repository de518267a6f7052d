/** Socket types of a program's own, at compile time. Nothing here runs: `tsc` is the test. */
import { defineSocket, type MessageParts, type Pattern, type Readable, type Writable } from "zeromq-ts"
import { json, withCodec } from "zeromq-ts/codec"
import type { Expect, Same } from "./expect.ts"

declare class Mine implements Pattern {
  attach(): void
  detach(): void
  readable(): void
  writable(): void
  canSend(): boolean
  canReceive(): boolean
  trySend(message: MessageParts): boolean
  tryReceive(): MessageParts | undefined
  refusal(): "EAGAIN"
  readonly own: number
}
declare function mine(): Mine

const Both = defineSocket({ name: "BOTH", peers: ["BOTH"] }, mine)
const both = new Both({ linger: 0, sendTimeout: 1, receiveTimeout: 1 })
export const isBoth: Writable & Readable = both
export type BothReceives = Expect<Same<Awaited<ReturnType<typeof both.receive>>, Buffer[]>>
// @ts-expect-error the row doesn't say that the routing id is told
both.routingId = "me"
// @ts-expect-error its peers have no names
both.connect("inproc://a", { routingId: "him" })
// @ts-expect-error only its own methods know the pattern
both.pattern.own

const Sender = defineSocket({ name: "SENDER", peers: [], receives: false, tellsRoutingId: true }, mine)
const sender = new Sender({ routingId: "me" })
void sender.send("x")
// @ts-expect-error it only sends
sender.receive()
// @ts-expect-error it only sends
new Sender({ receiveTimeout: 1 })

const Receiver = defineSocket({ name: "RECEIVER", peers: [], sends: false, addresses: true }, mine)
const receiver = new Receiver()
receiver.connect("inproc://a", { routingId: "him" })
// @ts-expect-error it only receives
receiver.send("x")

const OwnPush = defineSocket({ name: "PUSH", peers: ["PULL"], receives: false }, mine)
new OwnPush({ conflate: true })
// @ts-expect-error no option of PUSH's
new OwnPush({ correlate: true })

export class Extended extends defineSocket({ name: "BOTH", peers: ["BOTH"] }, mine) {
  get own(): number {
    return this.pattern.own
  }
}
void new Extended({ linger: 0 }).send("x")
void withCodec(new Extended(), json<number>()).send(1)

// @ts-expect-error the row must say whom it talks to
defineSocket({ name: "A" }, mine)
// @ts-expect-error no such cell
defineSocket({ name: "A", peers: [], sendz: true }, mine)
// @ts-expect-error no pattern
defineSocket({ name: "A", peers: [] }, () => ({}))
defineSocket({ name: "A", peers: [] }, options => {
  // @ts-expect-error can't be changed
  options.linger = 0
  return mine()
})
