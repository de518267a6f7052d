/** Sockets that come and go: nothing that the library listens to has so many listeners that Node warns, or keeps any. */
import { EventEmitter, getEventListeners } from "node:events"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Dealer, Pull, Push, Router } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { turn, until } from "../support/events.ts"

const warnings: Error[] = []
const warned = (warning: Error): void => void warnings.push(warning)
beforeEach(() => {
  warnings.length = 0
  process.on("warning", warned)
})
afterEach(async () => {
  await turn()
  process.off("warning", warned)
  expect(warnings).toEqual([])
})

/** The largest number of listeners that any emitter has had for one event since this was called. */
function mostListeners(): () => number {
  const { addListener } = EventEmitter.prototype
  let most = 0
  const counting = function (this: EventEmitter, ...args: Parameters<typeof addListener>) {
    const result = addListener.apply(this, args)
    most = Math.max(most, this.listenerCount(args[0] as string))
    return result
  }
  const { on, once } = EventEmitter.prototype
  Object.assign(EventEmitter.prototype, { addListener: counting, on: counting })
  return () => {
    Object.assign(EventEmitter.prototype, { addListener, on, once })
    return most
  }
}

const MANY = 30

describe.each<Scheme>(["inproc", "ipc", "tcp"])("over %s", scheme => {
  it("peers that come, talk, are cut off and dial again", async () => {
    const endpoint = await freeEndpoint(scheme)
    const seen = mostListeners()
    const router = new Router()
    const dealers = Array.from({ length: 5 }, () => new Dealer({ linger: 0, reconnectInterval: 1 }))
    for (const dealer of dealers) for (let n = 0; n < 3; n++) dealer.connect(endpoint)
    for (let round = 0; round < MANY; round++) {
      await router.bind(endpoint)
      for (const dealer of dealers) await dealer.send(Buffer.alloc(200_000))
      for (let n = 0; n < dealers.length; n++) {
        const [id] = await router.receive()
        void router.send([id!, "answer"]).catch(() => {})
      }
      await router.unbind(endpoint)
      for (const dealer of dealers) {
        dealer.disconnect(endpoint)
        dealer.connect(endpoint)
      }
    }
    for (const socket of [router, ...dealers]) socket.close()
    expect(seen()).toBeLessThanOrEqual(10)
  })

  it("calls that share one signal, however many wait", async () => {
    const endpoint = await freeEndpoint(scheme)
    const { signal } = new AbortController()
    const [pull, push] = [new Pull(), new Push()]
    await pull.bind(endpoint)
    for (let round = 0; round < 3; round++) {
      const received = Array.from({ length: MANY }, () => pull.receive({ signal }))
      const sent = Array.from({ length: MANY }, () => push.send("x", { signal }))
      expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1)
      if (round === 0) push.connect(endpoint)
      await Promise.all([...sent, ...received])
      expect(getEventListeners(signal, "abort")).toEqual([])
    }
    push.close()
    pull.close()
  })

  it("calls that were aborted, or that a close has ended, leave nothing at their signals", async () => {
    const endpoint = await freeEndpoint(scheme)
    const [abort, other] = [new AbortController(), new AbortController()]
    const [pull, push] = [new Pull(), new Push()]
    await pull.bind(endpoint)
    const calls = Array.from({ length: MANY }, () => [
      pull.receive({ signal: abort.signal }),
      push.send("x", { signal: abort.signal }),
      pull.receive({ signal: other.signal }),
      push.send("x", { signal: other.signal }),
    ]).flat()
    const settled = Promise.allSettled(calls)
    abort.abort()
    pull.close()
    push.close()
    await settled
    await until(() => getEventListeners(other.signal, "abort").length === 0)
    expect(getEventListeners(abort.signal, "abort")).toEqual([])
  })

  it("binds and drains that share one signal", async () => {
    const { signal } = new AbortController()
    const sockets = Array.from({ length: MANY }, () => new Push({ linger: 0 }))
    await Promise.all(sockets.map(async socket => socket.bind(await freeEndpoint(scheme), { signal })))
    await Promise.all(sockets.map(socket => socket.drain({ signal })))
    expect(getEventListeners(signal, "abort")).toEqual([])
  })
})
