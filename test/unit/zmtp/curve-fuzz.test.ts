/** Each command of CURVE with random damage: only protocol errors come of it, and nobody is let in by a changed one. */
import { describe, expect, it } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { Random } from "../../suites/random.ts"
import { connected, type Ends, ends, initiated, readied, take, welcomed } from "../../support/curve.ts"

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
console.log(`FUZZ_SEED=${seed}`)
const RUNS = 150

type Receiver = (body: Buffer) => unknown

const TARGETS: Readonly<Record<string, (both: Ends) => { to: Receiver; body: Buffer }>> = {
  HELLO: both => ({ to: body => both.server.receive(body), body: take(both.client) }),
  WELCOME: both => ({ to: body => both.client.receive(body), body: welcomed(both) }),
  INITIATE: both => ({ to: body => both.server.receive(body), body: initiated(both) }),
  READY: both => ({ to: body => both.client.receive(body), body: readied(both) }),
  MESSAGE: both => {
    const { client, server } = connected(both)
    const body = Buffer.alloc(33 + 20)
    client.protection!.seal(1, Buffer.alloc(20, "x"), body, 0)
    return { to: each => server.protection!.open(each), body }
  },
  "MESSAGE to the client": both => {
    const { client, server } = connected(both)
    const body = Buffer.alloc(33)
    server.protection!.seal(0, Buffer.alloc(0), body, 0)
    return { to: each => client.protection!.open(each), body }
  },
}

/** Damages bytes in one of the ways that matter to parsers. */
function damaged(random: Random, body: Buffer): Buffer {
  const at = random.below(body.length)
  const noise = Buffer.from(Array.from({ length: 1 + random.below(40) }, () => random.below(256)))
  switch (random.below(7)) {
    case 0:
      return body.subarray(0, at)
    case 1:
      return Buffer.concat([body.subarray(0, at), noise, body.subarray(at)])
    case 2:
      return Buffer.concat([body.subarray(0, at), body.subarray(at + noise.length)])
    case 3:
      return Buffer.concat([body, noise])
    case 4: {
      const result = Buffer.from(body)
      noise.copy(result, at)
      return result
    }
    case 5:
      return noise
    default: {
      const result = Buffer.from(body)
      for (let flips = 1 + random.below(8); flips > 0; flips--)
        result[random.below(body.length)]! ^= 1 << random.below(8)
      return result
    }
  }
}

/** HELLO has bytes that mean nothing: its padding, and the last bit of the key. */
function means(name: string, body: Buffer): string {
  if (name !== "HELLO" || body.length !== 200) return body.toString("hex")
  const result = Buffer.from(body).fill(0, 8, 80)
  result[111]! &= 0x7f
  return result.toString("hex")
}

describe.each(Object.entries(TARGETS))("%s", (name, make) => {
  it(`with random damage is refused by a protocol error (FUZZ_SEED=${seed})`, () => {
    const random = new Random(seed)
    for (let run = 0; run < RUNS; run++) {
      const { to, body } = make(ends())
      const changed = Buffer.from(damaged(random, body))
      const isSame = means(name, changed) === means(name, body)
      const text = `run ${run}: ${changed.toString("hex")}`
      try {
        to(changed)
        expect(isSame, text).toBe(true)
      } catch (error) {
        expect(isProtocolError(error), `${text}: ${String(error)}`).toBe(true)
      }
    }
  }, 60_000)
})
