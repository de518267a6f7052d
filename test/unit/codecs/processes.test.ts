/** Over tcp, with the other end in a process of its own: any value comes back as it was, and aborts lose nothing. */
import { type ChildProcess, fork } from "node:child_process"
import { on } from "node:events"
import { isDeepStrictEqual } from "node:util"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { type Codec, withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { Pair, Pull } from "../../../src/index.ts"
import { Random } from "../../suites/random.ts"
import { compiled } from "../../support/compiled.ts"
import { freeEndpoint } from "../../support/endpoints.ts"
import { Aborts, type Counted } from "./aborts.ts"
import { CODECS, type CodecName, DOMAINS } from "./domains.ts"
import { open } from "./support.ts"

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`FUZZ_SEED=${seed}`)

const NAMES = Object.keys(CODECS) as CodecName[]

function farEnd(...args: string[]): ChildProcess {
  const script = compiled(new URL("far-end.ts", import.meta.url))
  return fork(script, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
}

describe("any value of a codec's domain comes back as it was", () => {
  const sockets = new Map<CodecName, Pair>()
  let child: ChildProcess
  beforeAll(async () => {
    const endpoints: Partial<Record<CodecName, string>> = {}
    for (const name of NAMES) {
      const socket = new Pair()
      sockets.set(name, socket)
      await socket.bind("tcp://127.0.0.1:*")
      endpoints[name] = socket.lastEndpoint as string
    }
    child = farEnd("echo", JSON.stringify(endpoints))
  })
  afterAll(() => {
    for (const socket of sockets.values()) socket.close()
    child.kill("SIGKILL")
  })

  it.each(NAMES)(`%s (FUZZ_SEED=${seed})`, async name => {
    const codec: Codec<unknown> = CODECS[name]
    const socket = withCodec(sockets.get(name) as Pair, codec)
    await fc.assert(
      fc.asyncProperty(DOMAINS[name], async value => {
        await socket.send([value])
        const back = await socket.receive()
        if (!isDeepStrictEqual(back, [value])) expect(back).toEqual([value])
        return isDeepStrictEqual(back, [value])
      }),
      { seed, numRuns: 200 },
    )
  })
})

it(`random aborts on both ends lose and double none of 100,000 messages (FUZZ_SEED=${seed})`, async () => {
  const total = 100_000
  const endpoint = await freeEndpoint("tcp")
  const pull = withCodec(open(new Pull({ receiveHighWaterMark: 10 })), msgpack<Counted>())
  await pull.bind(endpoint)
  const child = farEnd("count", endpoint, String(seed), String(total))
  onTestFinished(() => void child.kill("SIGKILL"))
  const reports = on(child, "message")
  const report = async () => (await reports.next()).value[0]

  const random = new Random(seed + 1)
  const aborts = new Aborts(random)
  const ways: readonly ((signal: AbortSignal) => Promise<Counted[]>)[] = [
    async signal => [await pull.receive({ signal })],
    async signal => [(await pull.messages({ signal }).next()).value as Counted],
    async signal => (await pull.batches({ signal }).next()).value as Counted[],
  ]
  let next = 0
  /** Every so many messages, nothing is received until the sender has had to wait, and was aborted, so often. */
  const [every, often] = [10_000, 20]
  // Near the end the kernel's buffers hold all that is left, and the sender has to wait no more.
  const last = total - 2 * every
  let due = 0
  while (next < total) {
    const way = random.pick(ways)
    if (way === undefined) break
    for (const { n } of await aborts.persist(way))
      if (n !== next++) throw new Error(`${n} instead of ${next - 1}`)
    await aborts.pause()
    if (next < due || next > last) continue
    due += every
    child.send(often)
    expect(await report()).toBe("aborted")
  }

  const { left, ...sender } = await report()
  expect(left).toEqual([])
  expect(pull.tryReceive()).toBeUndefined()
  // Else the test would show nothing.
  expect(sender.aborted).toBeGreaterThan(often)
  for (const some of [aborts.aborted, aborts.late, sender.late]) expect(some).toBeGreaterThan(0)
})
