/** Workers that come, bind, exchange and are terminated at random moments. */
import { setTimeout as sleep } from "node:timers/promises"
import { expect, it } from "vitest"
import { Dealer, Pull, Push } from "../../src/index.ts"
import { Random } from "../suites/random.ts"
import { until } from "../support/events.ts"
import { startWorker } from "../support/start-worker.ts"

/** How many workers; a thousand take some minutes. */
const LIVES = Number(process.env.THREAD_LIVES ?? 24)
const AT_ONCE = 4
const NAMES = 3
const script = new URL("../support/thread-roles.ts", import.meta.url)
const MEBI = 1024 * 1024

it(`${LIVES} lives of workers leave nothing behind`, async () => {
  const random = new Random()
  console.log(`seed ${random.seed}`)
  const pull = new Pull()
  const push = new Push({ linger: 0 })
  const dealer = new Dealer({ linger: 0, reconnectInterval: 1 })
  await Promise.all([pull.bind("inproc://churn-up"), push.bind("inproc://churn-down")])
  for (let name = 0; name < NAMES; name++) dealer.connect(`inproc://churn-${name}`)

  // Each message from a worker is numbered; within one life they come in order, the first ones, without a gap.
  const heard = new Map<string, number>()
  const listening = (async () => {
    for await (const [life, number] of pull) {
      const next = heard.get(String(life)) ?? 0
      if (Number(number) !== next) throw new Error(`life ${life}: ${number} instead of ${next}`)
      heard.set(String(life), next + 1)
    }
  })()
  let echoes = 0
  const echoing = (async () => {
    for await (const _ of dealer) echoes++
  })()
  const feeding = new AbortController()
  const feed = async (socket: Push | Dealer) => {
    const message = Buffer.alloc(1000)
    for (;;) {
      await socket.send(message, { signal: feeding.signal })
      await sleep(1)
    }
  }
  const fed = Promise.allSettled([feed(push), feed(dealer)])

  let started = 0
  let settled = 0
  const live = async () => {
    while (started < LIVES) {
      const life = started++
      const data = { role: "churn", life, name: random.below(NAMES) }
      const worker = startWorker(script, { workerData: data })
      const failure = new Promise<Error | undefined>(resolve => {
        worker.once("error", resolve)
        worker.once("exit", () => resolve(undefined))
      })
      // Some don't get as far as loading the library.
      if (random.below(8) > 0)
        await Promise.race([new Promise(done => worker.once("message", done)), failure])
      await sleep(random.below(30))
      await worker.terminate()
      expect(await failure).toBeUndefined()
      if (life === Math.floor(LIVES / 4)) settled = process.memoryUsage.rss()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, live))

  // A last one is left alone until it has been heard in every way.
  const before = { echoes, lives: heard.size }
  const worker = startWorker(script, { workerData: { role: "churn", life: LIVES, name: 0 } })
  await until(() => echoes > before.echoes && heard.size > before.lives)
  await worker.terminate()

  // Every name is free.
  const last = new Pull()
  for (let name = 0; name < NAMES; name++) await last.bind(`inproc://churn-${name}`)
  feeding.abort()
  await fed
  for (const socket of [pull, push, dealer, last]) socket.close()
  await Promise.all([listening, echoing])
  await expect.poll(openPorts, { timeout: 10_000 }).toBe(0)
  const grown = process.memoryUsage.rss() - settled
  if (process.env.THREAD_LIVES !== undefined)
    console.log(`RSS ${(settled / MEBI) | 0} MiB after a quarter, grown by ${(grown / MEBI) | 0} MiB since`)
  expect(grown).toBeLessThan(100 * MEBI)
}, 1_200_000)

/** Those that hold this thread; the links' own never do. */
function openPorts(): number {
  return process.getActiveResourcesInfo().filter(kind => /MessagePort|Worker/.test(kind)).length
}
