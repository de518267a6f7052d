/** Workers that come, bind, exchange and are terminated at random moments. */
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, it } from "vitest"
import { Dealer, Pull, Push } from "../../src/index.ts"
import { Random } from "../suites/random.ts"
import { until } from "../support/events.ts"
import { beyond, resources } from "../support/resources.ts"
import { DEAD_WORKERS_FADE } from "../support/runtime.ts"
import { startWorker } from "../support/start-worker.ts"

const LIVES = Number(process.env.THREAD_LIVES ?? 1000)
/** Of these, before memory is measured for the first time. */
const WARM_UP = LIVES / 10
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

  // What the runtime keeps of the first worker, it keeps.
  const first = startWorker(script, { workerData: { role: "sayHello", endpoint: "inproc://churn-up" } })
  await Promise.all([pull.receive(), once(first, "exit")])
  const alone = resources()

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
  const live = async (until: number) => {
    while (started < until) {
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
    }
  }
  const liveAll = async (until: number) => {
    await Promise.all(Array.from({ length: AT_ONCE }, () => live(until)))
    await expect.poll(() => beyond(alone), { interval: 200 }).toEqual({})
    return process.memoryUsage()
  }
  const before = await liveAll(WARM_UP)
  const after = await liveAll(LIVES)
  const mebi = (bytes: number) => (bytes / MEBI).toFixed(1)
  console.log(
    `RSS ${mebi(before.rss)} → ${mebi(after.rss)} MiB, heap ${mebi(before.heapUsed)} → ${mebi(after.heapUsed)} MiB`,
  )
  expect(after.heapUsed - before.heapUsed).toBeLessThan(8 * MEBI)
  if (DEAD_WORKERS_FADE.missing) console.log(`resident memory is left out: ${DEAD_WORKERS_FADE.reason}`)
  else expect(after.rss - before.rss).toBeLessThan(64 * MEBI)

  // A last one is left alone until it has been heard in every way.
  const so = { echoes, lives: heard.size }
  const worker = startWorker(script, { workerData: { role: "churn", life: LIVES, name: 0 } })
  await until(() => echoes > so.echoes && heard.size > so.lives)
  await worker.terminate()

  // Every name is free.
  const last = new Pull()
  for (let name = 0; name < NAMES; name++) await last.bind(`inproc://churn-${name}`)
  feeding.abort()
  await fed
  for (const socket of [pull, push, dealer, last]) socket.close()
  await Promise.all([listening, echoing])
}, 1_200_000)
