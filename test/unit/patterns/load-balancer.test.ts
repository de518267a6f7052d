import { describe, expect, it } from "vitest"
import { PullPattern } from "../../../patterns/pull.ts"
import { PushPattern } from "../../../patterns/push.ts"
import { FairQueue } from "../../../patterns/routing/fair-queue.ts"
import { LoadBalancer } from "../../../patterns/routing/load-balancer.ts"
import { PipeRing } from "../../../patterns/routing/pipe-ring.ts"
import { connectedPipe, FakePipe, message, text } from "../../support/fake-pipe.ts"

function pipes(count: number): FakePipe[] {
  const nobody = new PushPattern()
  return Array.from({ length: count }, () => new FakePipe(nobody))
}

/** The pipes in the order of their turns, from the current one on. */
function order(ring: PipeRing): (number | undefined)[] {
  const ids = Array.from({ length: ring.size }, () => {
    const id = ring.current?.id
    ring.advance()
    return id
  })
  return ids
}

describe("ring of pipes", () => {
  it("puts newcomers behind all who wait for their turn", () => {
    const ring = new PipeRing()
    const [a, b, c] = pipes(3) as [FakePipe, FakePipe, FakePipe]
    ring.add(a)
    ring.add(b)
    ring.advance()
    ring.add(c)
    expect(order(ring)).toEqual([b.id, a.id, c.id])
  })

  it("passes the turn on when the one whose turn it is leaves", () => {
    const ring = new PipeRing()
    const [a, b] = pipes(2) as [FakePipe, FakePipe]
    ring.add(a)
    ring.add(b)
    ring.remove(a)
    expect(order(ring)).toEqual([b.id])
    ring.remove(b)
    ring.remove(b)
    ring.advance()
    expect(ring.current).toBeUndefined()
    ring.add(a)
    ring.add(a)
    expect(order(ring)).toEqual([a.id])
  })
})

describe("load balancer", () => {
  it("offers a message to a full pipe once, until that is writable again", () => {
    const balancer = new LoadBalancer()
    const [full, free] = pipes(2) as [FakePipe, FakePipe]
    let offers = 0
    full.tryWrite = () => {
      offers++
      return false
    }
    for (const pipe of [full, free]) balancer.attach(pipe)
    for (let i = 0; i < 5; i++) expect(balancer.trySend(message("x"))).toBe(free)
    expect(offers).toBe(1)
    // Attached already: being full is no way in.
    balancer.attach(full)
    balancer.trySend(message("x"))
    expect(offers).toBe(1)
    balancer.writable(full)
    balancer.trySend(message("x"))
    balancer.trySend(message("x"))
    expect(offers).toBe(2)
  })

  it("does not take a detached pipe back", () => {
    const balancer = new LoadBalancer()
    const [pipe] = pipes(1) as [FakePipe]
    balancer.attach(pipe.setRoom(0))
    expect(balancer.trySend(message("x"))).toBeUndefined()
    balancer.detach(pipe)
    balancer.writable(pipe.setRoom(1))
    expect([balancer.canSend(), balancer.trySend(message("x"))]).toEqual([false, undefined])
  })

  it("does not lose a pipe that canSend() found full", () => {
    const push = new PushPattern()
    const pipe = connectedPipe(push).setRoom(0)
    expect(push.canSend()).toBe(false)
    pipe.setRoom(1)
    expect(push.canSend()).toBe(true)
  })

  it("zmq.rs#151: skips dead peers instead of failing", () => {
    const push = new PushPattern()
    const [dead, alive] = [connectedPipe(push), connectedPipe(push)]
    dead.detach()
    expect([push.trySend(message("1")), push.trySend(message("2"))]).toEqual([true, true])
    expect(alive.written.map(text)).toEqual([["1"], ["2"]])
  })
})

describe("fair queue", () => {
  it("tells where the last message came from", () => {
    const queue = new FairQueue()
    const [a, b] = pipes(2) as [FakePipe, FakePipe]
    const pull = new PullPattern()
    const [x, y] = [connectedPipe(pull), connectedPipe(pull)]
    for (const pipe of [a, b]) queue.attach(pipe)
    expect(queue.source).toBeUndefined()
    for (const pipe of [x, y]) {
      pipe.deliver(message("m"))
      queue.readable(pipe)
    }
    queue.tryReceive()
    expect(queue.source).toBe(x)
    queue.tryReceive()
    expect(queue.source).toBe(y)
    queue.detach(y)
    expect(queue.source).toBeUndefined()
  })

  it("serves a pipe that is attached with messages in it", () => {
    const queue = new FairQueue()
    const pipe = new FakePipe(new PullPattern())
    pipe.deliver(message("early"))
    queue.attach(pipe)
    expect(text(queue.tryReceive())).toEqual(["early"])
  })
})

describe("PUSH and PULL", () => {
  it("PUSH drops what a hostile peer sends", () => {
    const push = new PushPattern()
    const pipe = connectedPipe(push)
    for (let i = 0; i < 10; i++) pipe.deliver(message("never asked for"))
    expect(pipe.unread).toBe(0)
    expect(push.refusal("receive")).toBe("ENOTSUP")
  })

  it("PULL refuses to send", () => {
    expect(new PullPattern().refusal("send")).toBe("ENOTSUP")
  })
})
