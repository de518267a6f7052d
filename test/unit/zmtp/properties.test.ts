import fc from "fast-check"
import { expect, it } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { FrameDecoder } from "../../../src/zmtp/frame-decoder.ts"
import { FrameEncoder } from "../../../src/zmtp/frame-encoder.ts"
import { GREETING, inTraffic, READY, Recorder } from "../../support/zmtp.ts"

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const options = { seed, numRuns: 200 }
console.log(`FUZZ_SEED=${seed}`)

const part = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 250, max: 260 }).map(size => new Uint8Array(size).fill(size)) },
  { weight: 1, arbitrary: fc.integer({ min: 4090, max: 4100 }).map(size => new Uint8Array(size).fill(size)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 65_530, max: 65_540 }).map(size => new Uint8Array(size).fill(size)),
  },
)
const messages = fc.array(fc.array(part, { minLength: 1, maxLength: 5 }), { maxLength: 20 })
const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 70_000 })), {
  minLength: 1,
  maxLength: 40,
})

/** Cuts into pieces of these sizes; the rest is the last piece. */
function cut(input: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    pieces.push(input.subarray(at, at + length))
    at += length
  }
  if (at < input.length) pieces.push(input.subarray(at))
  return pieces
}

const latin1 = (parts: readonly Uint8Array[]) => parts.map(body => Buffer.from(body).toString("latin1"))

it(`random messages survive random batches and random cuts (FUZZ_SEED=${seed})`, () => {
  fc.assert(
    fc.property(messages, sizes, fc.integer({ min: 1, max: 5 }), (input, lengths, batch) => {
      const encoder = new FrameEncoder()
      const chunks: Uint8Array[] = []
      input.forEach((message, i) => {
        encoder.message(message)
        if (i % batch === 0) chunks.push(...encoder.take())
      })
      chunks.push(...encoder.take())
      const receiver = inTraffic().feed(cut(Buffer.concat(chunks), lengths))
      expect(receiver.messages).toEqual(input.map(latin1))
    }),
    options,
  )
})

it(`random messages survive being read into the decoder's own memory (FUZZ_SEED=${seed})`, () => {
  // Of a size that is read in bulk: enough of them to fill chunks.
  const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 8,
  })
  const reads = fc.array(fc.integer({ min: 500, max: 70_000 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(runs, reads, (input, lengths) => {
      const bodies = input.flatMap(([size, times]) =>
        Array.from({ length: Math.min(times, Math.ceil(400_000 / (size + 1))) }, (_, i) =>
          Buffer.alloc(size, i),
        ),
      )
      const encoder = new FrameEncoder()
      for (const body of bodies) encoder.message([body])
      const stream = Buffer.concat(encoder.take())
      const decoder = new FrameDecoder()
      const read: Buffer[] = []
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const wanted = lengths[turn % lengths.length]!
        const vacancy = decoder.vacancy()
        const count = Math.min(wanted, vacancy?.length ?? wanted, stream.length - at)
        const chunk = Buffer.from(stream.subarray(at, at + count))
        if (vacancy === undefined) decoder.feed(chunk)
        else {
          chunk.copy(vacancy)
          decoder.filled(count)
        }
        while (decoder.read()) read.push(decoder.body)
        expect(decoder.exhausted).toBe(true)
        // Chunks are borrowed.
        chunk.fill(0xee)
        at += count
      }
      expect(read.length).toBe(bodies.length)
      bodies.forEach((body, i) => {
        if (!body.equals(read[i]!)) throw new Error(`body ${i} of ${body.length} bytes is spoilt`)
      })
    }),
    { seed, numRuns: 50 },
  )
})

it(`random garbage ends in a protocol error, or in nothing (FUZZ_SEED=${seed})`, () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 600 }),
      sizes,
      fc.integer({ min: -1, max: 300 }),
      (input, lengths, limit) => {
        const decoder = new FrameDecoder(limit < 0 ? undefined : limit)
        try {
          for (const chunk of cut(Buffer.from(input), lengths)) {
            decoder.feed(chunk)
            while (decoder.read());
          }
        } catch (error) {
          expect(isProtocolError(error)).toBe(true)
        }
        // The recorder itself checks that a failure is a protocol error.
        for (const prefix of [[], [GREETING], [GREETING, READY]])
          new Recorder("PULL", limit).feed([...prefix, ...cut(Buffer.from(input), lengths)])
      },
    ),
    { ...options, numRuns: 1000 },
  )
})

it("any byte of greeting and READY changed: the session is ready, waits or fails, and never throws", () => {
  const handshake = Buffer.concat([GREETING, READY])
  for (let at = 0; at < handshake.length; at++) {
    for (let value = 0; value < 256; value++) {
      const changed = Buffer.from(handshake)
      changed[at] = value
      const { phase } = new Recorder().feed([changed]).session
      // A changed size of the READY frame may make the session wait for more; more then settles it.
      const isSize = at === 65 || at === 64
      expect(
        isSize ? ["traffic", "failed", "handshake"] : ["traffic", "failed"],
        `${at}: ${value}`,
      ).toContain(phase)
    }
  }
})

it("any byte changed and the stream going on with zeros: ready or failed in the end", () => {
  const handshake = Buffer.concat([GREETING, READY, Buffer.alloc(64 * 1024 + 9)])
  for (let at = 0; at < GREETING.length + READY.length; at++) {
    const changed = Buffer.from(handshake)
    changed[at] = (changed[at] ?? 0) ^ 0xff
    expect(["traffic", "failed"], `${at}`).toContain(new Recorder().feed([changed]).session.phase)
  }
})
