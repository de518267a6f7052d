/** How the paused connections of a thread are tried: what that costs at most, in writes and in memory. */
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { MOST_AHEAD, type PausedConnection, pausedPeers } from "../../../src/connections/paused-peers.ts"
import { RawConnection } from "../../../src/connections/raw-connection.ts"
import { fakeClock, pass } from "../../support/fake-clock.ts"
import { memoryPair } from "../../support/memory-stream.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

beforeEach(() => {
  fakeClock()
})
afterEach(() => {
  vi.useRealTimers()
})

const INTERVAL = 2000

class Paused implements PausedConnection {
  isPaused = true
  readonly probes: boolean[] = []

  constructor(readonly ahead = 0) {
    pausedPeers.add(this)
  }

  probe(mayReadAhead: boolean): void {
    this.probes.push(mayReadAhead)
  }
}

const counts = (all: Paused[]) => all.map(({ probes }) => probes.length)

it("each is tried once in an interval, until it is read again; then no timer is left", async () => {
  const all = [new Paused(), new Paused()]
  pausedPeers.add(all[0]!)
  await pass(INTERVAL)
  expect(counts(all)).toEqual([1, 1])
  all[0]!.isPaused = false
  await pass(INTERVAL)
  expect(counts(all)).toEqual([1, 2])
  all[1]!.isPaused = false
  await pass(INTERVAL)
  expect(counts(all)).toEqual([1, 2])
  expect(vi.getTimerCount()).toBe(0)
})

it("of very many some are tried in each interval, in turn", async () => {
  const all = Array.from({ length: 400 }, () => new Paused())
  await pass(INTERVAL)
  expect(counts(all).filter(count => count === 1).length).toBe(256)
  await pass(INTERVAL)
  expect(Math.min(...counts(all))).toBe(1)
  expect(Math.max(...counts(all))).toBe(2)
  for (const one of all) one.isPaused = false
  await pass(2 * INTERVAL)
})

it("once all have read 64 MiB ahead, none may read more", async () => {
  const held = [
    new Paused(63 * 2 ** 20),
    new Paused(),
    new Paused(),
    new Paused(),
    new Paused(),
    new Paused(),
  ]
  await pass(INTERVAL)
  expect(held.flatMap(({ probes }) => probes)).toEqual([true, true, true, true, false, false])
  for (const one of held) one.isPaused = false
  await pass(INTERVAL)
})

it("a raw connection reads ahead no more than its bound, and hands it all over when it is read again", async () => {
  const [near, far] = memoryPair()
  const connection = new RawConnection(near, false)
  let received = 0
  const count = ([chunk]: readonly Uint8Array[]): void => {
    received += chunk!.length
  }
  connection.open({ message: count, control() {}, drain() {}, closed() {} })
  connection.pause()
  const chunk = Buffer.alloc(60_000)
  for (let n = 0; n < 20; n++) far.write([chunk])
  await pass(10 * INTERVAL)
  expect(connection.ahead).toBeGreaterThanOrEqual(MOST_AHEAD)
  expect(connection.ahead).toBeLessThan(MOST_AHEAD + chunk.length)
  connection.resume()
  await pass(INTERVAL)
  expect(received).toBe(20 * chunk.length)
  expect(vi.getTimerCount()).toBe(0)
})
