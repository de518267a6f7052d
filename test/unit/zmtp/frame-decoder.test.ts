import { describe, expect, it, onTestFinished, vi } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { LARGEST_MESSAGE } from "../../../src/base/limits.ts"
import { COMMAND_LIMIT } from "../../../src/zmtp/frame.ts"
import { FrameDecoder } from "../../../src/zmtp/frame-decoder.ts"
import { bytes, waysToCut } from "../../support/zmtp.ts"

type Frame = [flags: number, body: string]

function decode(chunks: readonly Uint8Array[], limit?: number): Frame[] {
  const decoder = new FrameDecoder(limit)
  const frames: Frame[] = []
  for (const chunk of chunks) {
    decoder.feed(chunk)
    while (decoder.read()) {
      expect(Buffer.isBuffer(decoder.body)).toBe(true)
      frames.push([decoder.flags, decoder.body.toString("latin1")])
    }
    expect(decoder.exhausted).toBe(true)
  }
  return frames
}

function failure(chunks: readonly Uint8Array[], limit?: number): unknown {
  try {
    decode(chunks, limit)
  } catch (error) {
    return error
  }
  throw new Error("nothing was refused")
}

const long = (size: number) => "x".repeat(size)

/** Of a message's last frame. */
function header(size: number): Buffer {
  if (size < 256) return Buffer.from([0, size])
  const bytes = Buffer.alloc(9)
  bytes[0] = 2
  bytes.writeUInt32BE(size, 5)
  return bytes
}

describe("frames, however they are cut (zmtp.md 2.1)", () => {
  const cases: [title: string, input: Buffer, frames: Frame[]][] = [
    [
      "a zero-length message is an ordinary one",
      bytes("00 00 00 00"),
      [
        [0, ""],
        [0, ""],
      ],
    ],
    ["a short frame", bytes(`00 02 "hi"`), [[0, "hi"]]],
    [
      "a MORE frame and the last one",
      bytes(`01 01 "a" 00 01 "b"`),
      [
        [1, "a"],
        [0, "b"],
      ],
    ],
    [
      "a command, short and long",
      bytes(`04 01 "a" 06 0000000000000001 "b"`),
      [
        [4, "a"],
        [6, "b"],
      ],
    ],
    [
      "a non-canonical long frame of a small body is accepted",
      bytes(`02 0000000000000002 "hi"`),
      [[2, "hi"]],
    ],
    [
      "a long frame without a body",
      bytes("03 0000000000000000 00 00"),
      [
        [3, ""],
        [0, ""],
      ],
    ],
    [
      "reserved flag bits mean nothing",
      bytes(`F8 01 "a" FA 0000000000000001 "b"`),
      [
        [0xf8, "a"],
        [0xfa, "b"],
      ],
    ],
    [
      "255 bytes short, 256 long",
      bytes(`00 FF "${long(255)}" 02 0000000000000100 "${long(256)}"`),
      [
        [0, long(255)],
        [2, long(256)],
      ],
    ],
  ]
  for (const [title, input, frames] of cases)
    it(title, () => {
      for (const [way, chunks] of waysToCut(input)) expect(decode(chunks), way).toEqual(frames)
    })
})

describe("large bodies", () => {
  it("are put together from many chunks, beyond the size whose memory is taken at once", () => {
    const body = Buffer.alloc(5 * 1024 * 1024 + 3, "0123456789abcde")
    const header = bytes("02 0000000000500003")
    const decoder = new FrameDecoder()
    const input = Buffer.concat([header, body, bytes(`00 01 "z"`)])
    const frames: Buffer[] = []
    for (let at = 0; at < input.length; at += 60_000) {
      decoder.feed(input.subarray(at, at + 60_000))
      while (decoder.read()) frames.push(decoder.body)
    }
    expect(frames.length).toBe(2)
    expect(frames[0]?.equals(body)).toBe(true)
    expect(frames[0]?.buffer.byteLength).toBe(body.length)
    expect(frames[1]?.toString()).toBe("z")
  })

  it.each([1, 64, 255, 256, 1000, 4096, 4097, 20_000])(
    "whoever keeps a body of %i bytes keeps 8 KiB alive, or nothing beside it",
    size => {
      const frame = Buffer.concat([header(size), Buffer.alloc(size, "x")])
      const decoder = new FrameDecoder()
      // Whole in a chunk, split over two, and many in one.
      for (const chunk of [
        frame,
        frame.subarray(0, 1),
        frame.subarray(1),
        Buffer.concat(Array(9).fill(frame)),
      ]) {
        decoder.feed(chunk)
        while (decoder.read())
          expect(decoder.body.buffer.byteLength).toBeLessThanOrEqual(Math.max(8192, size))
      }
    },
  )

  it.each([
    ["from 512 bytes on, behind a short one", 512, [5, 4096, 1, 2500, 7, 512]],
    ["of more than 4 KiB", 5000, [5, 20_000, 1, 5000, 7]],
    ["of a chunk of at most 512 bytes", 1, [5, 0, 250, 1, 200]],
    ["that come alone, just below 512 bytes", 1, [511]],
  ])("bodies %s begin at multiples of 8", (_, least, sizes) => {
    const decoder = new FrameDecoder()
    decoder.feed(Buffer.concat(sizes.flatMap(size => [header(size), Buffer.alloc(size, size % 100)])))
    for (const size of sizes) {
      expect(decoder.read()).toBe(true)
      expect([decoder.body.length, ...new Set(decoder.body)]).toEqual(size === 0 ? [0] : [size, size % 100])
      if (size >= least) expect(decoder.body.byteOffset % 8).toBe(0)
    }
    expect(decoder.read()).toBe(false)
  })

  it("chunks are only borrowed: what was read, and what was kept, stays", () => {
    const decoder = new FrameDecoder()
    const chunk = bytes(`00 03 "abc" 00 02 "de" 00 01 "f" 00 02 "g"`)
    const bodies: Buffer[] = []
    const readOne = () => decoder.read() && bodies.push(decoder.body)
    decoder.feed(chunk)
    readOne()
    decoder.keep()
    chunk.fill(0)
    while (readOne());
    const rest = bytes(`"h" 00 01 "i"`)
    decoder.feed(rest)
    while (readOne());
    rest.fill(0)
    expect(bodies.map(String)).toEqual(["abc", "de", "f", "gh", "i"])
  })

  it("chunks that are no Buffers give bodies that are", () => {
    expect(decode([Uint8Array.from(bytes(`00 02 "hi"`))])).toEqual([[0, "hi"]])
  })
})

describe("limits (zmtp.md 2.2)", () => {
  const refusals: [title: string, input: Buffer, limit?: number][] = [
    ["2^63 bytes", bytes("02 8000000000000000")],
    ["2^64 - 1 bytes", bytes("02 FFFFFFFFFFFFFFFF")],
    ["2^32 bytes: the upper half counts", bytes("02 0000000100000000")],
    ["2^31 bytes", bytes("02 0000000080000000")],
    ["one byte more than the socket's limit, short", bytes("00 0B"), 10],
    ["one byte more than the socket's limit, long", bytes("03 000000000000000B"), 10],
    ["a command of 2 MB", bytes("06 0000000000200000")],
    ["a command one byte beyond its limit", bytes("06 000000000010000B")],
  ]
  for (const [title, input, limit] of refusals)
    it(`refuses by the header alone: ${title}`, () => {
      for (const [way, chunks] of waysToCut(input)) {
        const error = failure(chunks, limit)
        expect(isProtocolError(error), way).toBe(true)
        expect(error, way).toMatchObject({ code: "EMSGSIZE" })
      }
    })

  it("takes a body of exactly the limit, and any command whatever the socket's limit", () => {
    const input = Buffer.concat([bytes(`00 03 "abc" 06 000000000010000A`), Buffer.alloc(COMMAND_LIMIT, "c")])
    expect(decode([input], 3)).toEqual([
      [0, "abc"],
      [6, "c".repeat(COMMAND_LIMIT)],
    ])
  })

  it("a large body takes an eighth more than it has at most, while it comes", () => {
    const size = 64 * 1024 * 1024
    const taken: number[] = []
    const original = Buffer.allocUnsafeSlow
    const spy = vi.spyOn(Buffer, "allocUnsafeSlow").mockImplementation(count => {
      taken.push(count)
      return original.call(Buffer, count)
    })
    onTestFinished(() => spy.mockRestore())
    const decoder = new FrameDecoder()
    decoder.feed(bytes("02 0000000004000000"))
    const chunk = Buffer.alloc(64 * 1024)
    for (let n = 0; n < size / chunk.length; n++) {
      expect(decoder.read()).toBe(false)
      decoder.feed(chunk)
    }
    expect(decoder.read()).toBe(true)
    expect(decoder.body.length).toBe(size)
    const large = taken.filter(count => count >= 1024 * 1024)
    expect(large.at(-1)).toBe(size)
    // Each is dropped as soon as the next one has its bytes.
    for (const [i, count] of large.entries())
      expect(count + (large[i - 1] ?? 0)).toBeLessThanOrEqual(size * 1.125)
    expect(large.reduce((sum, count) => sum + count)).toBeLessThan(size * 1.15)
  })

  it("a declared size takes no memory before its bytes arrive", () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 64 }, () => {
      const decoder = new FrameDecoder()
      decoder.feed(bytes(`02 000000007FFFFFFF "x"`))
      expect(decoder.read()).toBe(false)
      return decoder
    })
    // 64 times two gigabytes were announced, each costs the megabyte of its first piece at most.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * 1024 * 1024)
    expect(decoders.length).toBe(64)
    expect(LARGEST_MESSAGE).toBe(2 ** 31 - 1)
  })
})
