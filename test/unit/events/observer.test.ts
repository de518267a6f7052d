/** zeromqjs.md 1.6, the Observer; api.md point 3: an observer's iteration ends when the socket closes. */
import { describe, expect, it, vi } from "vitest"
import type { Event } from "../../../src/events/events.ts"
import { Monitor } from "../../../src/events/observer.ts"
import { record } from "../../support/fake-socket.ts"
import { settled } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const holds = vi.hoisted(() => ({ count: 0 }))
vi.mock("../../../src/lifetime/keep-alive.ts", () => ({
  hold: () => holds.count++,
  release: () => holds.count--,
}))

const bind: Event = { type: "bind", address: "fake://a" }
const accept: Event = { type: "accept", address: "fake://a" }

function setUp() {
  holds.count = 0
  const monitor = new Monitor()
  return { monitor, observer: monitor.observe() }
}

describe("an observer", () => {
  it("is always the same, and knows only what came after it was asked for", async () => {
    const monitor = new Monitor()
    monitor.emit(bind)
    const observer = monitor.observe()
    expect(monitor.observe()).toBe(observer)
    monitor.emit(accept)
    expect(await observer.receive()).toBe(accept)
  })

  it("receives queued events in order, and waits for the next one, which holds the process", async () => {
    const { monitor, observer } = setUp()
    monitor.emit(bind)
    monitor.emit(accept)
    expect([await observer.receive(), await observer.receive()]).toEqual([bind, accept])
    expect(holds.count).toBe(0)
    const next = observer.receive()
    expect(holds.count).toBe(1)
    monitor.emit(bind)
    expect(await next).toBe(bind)
    expect(holds.count).toBe(0)
  })

  it("receive() while one is pending throws EBUSY", () => {
    const { observer } = setUp()
    void observer.receive()
    expect(() => observer.receive()).toThrow(
      expect.objectContaining({
        code: "EBUSY",
        message: "Observer is busy reading; only one receive operation may be in progress at any time",
      }),
    )
  })

  it("`end` is all there is to it, and is the last event: the observer is closed when it was read", async () => {
    const { monitor, observer } = setUp()
    monitor.emit(bind)
    monitor.end()
    monitor.emit(accept)
    expect(await observer.receive()).toBe(bind)
    expect(observer.closed).toBe(false)
    expect(await observer.receive()).toEqual({ type: "end" })
    expect(observer.closed).toBe(true)
    expect(() => observer.receive()).toThrow(
      expect.objectContaining({ code: "EBADF", message: "Socket is closed" }),
    )
  })

  it("a pending receive() gets `end`", async () => {
    const { monitor, observer } = setUp()
    const next = observer.receive()
    monitor.end()
    expect(await next).toEqual({ type: "end" })
    expect([observer.closed, holds.count]).toEqual([true, 0])
  })

  it("close() rejects a pending receive() with ENOTSOCK; afterwards receive() throws EBADF", async () => {
    const { monitor, observer } = setUp()
    const next = observer.receive()
    observer.close()
    observer.close()
    await expect(next).rejects.toMatchObject({ code: "ENOTSOCK", message: "Socket operation on non-socket" })
    expect([observer.closed, holds.count]).toEqual([true, 0])
    monitor.emit(bind)
    expect(() => observer.receive()).toThrow(expect.objectContaining({ code: "EBADF" }))
  })

  it("that doesn't read keeps the newest 10,000 events", async () => {
    const { monitor, observer } = setUp()
    for (let n = 0; n < 10_005; n++) monitor.emit({ type: "connect:retry", address: "fake://a", interval: n })
    expect(await observer.receive()).toMatchObject({ interval: 5 })
  })
})

describe("iteration", () => {
  it("ends after `end`, when the socket closes", async () => {
    const { monitor, observer } = setUp()
    const seen: Event[] = []
    const done = (async () => {
      for await (const event of observer) seen.push(event)
    })()
    monitor.emit(bind)
    await settled()
    monitor.end()
    await done
    expect(seen).toEqual([bind, { type: "end" }])
  })

  it("ends when the observer is closed", async () => {
    const { observer } = setUp()
    const next = observer[Symbol.asyncIterator]().next()
    await settled()
    observer.close()
    expect(await next).toEqual({ value: undefined, done: true })
    for await (const _ of observer) throw new Error("unreachable")
  })

  it("may be left and begun again", async () => {
    const { monitor, observer } = setUp()
    monitor.emit(bind)
    monitor.emit(accept)
    for await (const event of observer) {
      expect(event).toBe(bind)
      break
    }
    for await (const event of observer) {
      expect(event).toBe(accept)
      break
    }
  })
})

describe("emitter mode", () => {
  const BUSY =
    "Observer is in event emitter mode. After a call to events.on() it is not possible to read events with events.receive()."

  it("calls the listeners of the type, with the event, in order", async () => {
    const { monitor, observer } = setUp()
    const seen: unknown[] = []
    observer.on("bind", event => seen.push(1, event.address))
    observer.on("bind", () => seen.push(2))
    observer.on("accept", () => seen.push(3))
    monitor.emit(bind)
    monitor.emit(accept)
    await settled()
    expect(seen).toEqual([1, "fake://a", 2, 3])
  })

  it.each(["on", "off"] as const)(
    "%s() decides for it: receive() throws from then on, iteration rejects",
    async method => {
      const { observer } = setUp()
      observer[method]("bind", () => {})
      expect(() => observer.receive()).toThrow(BUSY)
      await expect(observer[Symbol.asyncIterator]().next()).rejects.toThrow(BUSY)
    },
  )

  it("on() and off() give the emitter, a Node EventEmitter; off() takes a listener out", async () => {
    const { monitor, observer } = setUp()
    const heard = vi.fn()
    const emitter = observer.on("bind", heard)
    expect(emitter.listenerCount("bind")).toBe(1)
    expect(observer.off("bind", heard)).toBe(emitter)
    monitor.emit(bind)
    await settled()
    expect(heard).not.toHaveBeenCalled()
  })

  it("tells what came before the first listener, before what comes later", async () => {
    const { monitor, observer } = setUp()
    monitor.emit(bind)
    const seen: Event[] = []
    observer.on("accept", event => seen.push(event))
    monitor.emit(accept)
    observer.on("bind", event => seen.push(event))
    await settled()
    expect(seen).toEqual([bind, accept])
  })

  it("a receive() that was pending gets the next event", async () => {
    const { monitor, observer } = setUp()
    const next = observer.receive()
    const heard = vi.fn()
    observer.on("bind", heard)
    monitor.emit(bind)
    expect(await next).toBe(bind)
    await settled()
    expect(heard).toHaveBeenCalledOnce()
  })

  it("holds the process until `end`, which is told too and closes the observer", async () => {
    const { monitor, observer } = setUp()
    const ended = vi.fn()
    observer.on("end", ended)
    observer.on("bind", () => {})
    expect(holds.count).toBe(1)
    monitor.end()
    await settled()
    expect(ended).toHaveBeenCalledExactlyOnceWith({ type: "end" })
    expect([observer.closed, holds.count]).toEqual([true, 0])
  })

  it("holds the process no longer than there are listeners, by whichever method they come and go", async () => {
    const { monitor, observer } = setUp()
    const heard = vi.fn()
    const held: number[] = []
    const note = () => held.push(holds.count)
    const emitter = observer.off("bind", heard)
    note()
    for (const add of ["on", "addListener", "prependListener", "once", "prependOnceListener"] as const) {
      for (const remove of ["off", "removeListener"] as const) {
        emitter[add]("bind", heard)
        note()
        emitter[remove]("bind", heard)
        note()
      }
    }
    expect(held).toEqual([0, ...Array.from({ length: 10 }, () => [1, 0]).flat()])
    observer.on("bind", heard).on("accept", heard)
    emitter.removeAllListeners("accept")
    expect(holds.count).toBe(1)
    emitter.removeAllListeners()
    expect(holds.count).toBe(0)
    emitter.once("bind", heard)
    monitor.emit(bind)
    await settled()
    expect(heard).toHaveBeenCalledExactlyOnceWith(bind)
    expect(holds.count).toBe(0)
    observer.on("bind", heard)
    monitor.end()
    emitter.removeAllListeners()
    observer.on("bind", heard)
    expect(holds.count).toBe(0)
  })

  it("close() stops it", async () => {
    const { monitor, observer } = setUp()
    const heard = vi.fn()
    observer.on("bind", heard)
    observer.close()
    monitor.emit(bind)
    await settled()
    expect(heard).not.toHaveBeenCalled()
    expect(holds.count).toBe(0)
  })

  it("listeners run outside the core's work: they may do and throw what they like", async () => {
    const { monitor, observer } = setUp()
    const thrown: unknown[] = []
    const catcher = (error: unknown) => void thrown.push(error)
    const others = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException").on("uncaughtException", catcher)
    observer.on("bind", () => {
      throw new Error("a listener's own")
    })
    let inside = true
    observer.on("accept", () => expect(inside).toBe(false))
    monitor.emit(bind)
    monitor.emit(accept)
    inside = false
    await expect.poll(() => thrown.length).toBe(1)
    process.off("uncaughtException", catcher)
    for (const other of others) process.on("uncaughtException", other)
  })
})

describe("without an observer", () => {
  it("nothing is kept", async () => {
    const monitor = new Monitor()
    monitor.emit(bind)
    const seen = record(monitor.observe())
    await settled()
    expect(seen).toEqual([])
  })
})
