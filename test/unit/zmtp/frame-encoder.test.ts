import { describe, expect, it } from "vitest"
import { COPY_LIMIT, FrameEncoder, SLAB_SIZE } from "../../../src/zmtp/frame-encoder.ts"
import { bytes } from "../../support/zmtp.ts"

const encoded = (use: (encoder: FrameEncoder) => void) => {
  const encoder = new FrameEncoder()
  use(encoder)
  const count = encoder.bytes
  const all = Buffer.concat(encoder.take())
  expect(all.length).toBe(count)
  expect(encoder.bytes).toBe(0)
  return all
}

describe("frames as libzmq writes them", () => {
  it("flags, and the short form up to 255 bytes", () => {
    const parts = [Buffer.from("a"), Buffer.alloc(0), Buffer.from("bc")]
    expect(encoded(e => e.message(parts))).toEqual(bytes(`01 01 "a" 01 00 00 02 "bc"`))
    expect(encoded(e => e.message([Buffer.alloc(255)])).subarray(0, 2)).toEqual(bytes("00 FF"))
    expect(encoded(e => e.message([Buffer.alloc(256)])).subarray(0, 9)).toEqual(bytes("02 0000000000000100"))
  })

  it("commands have their flag, with the long form from 256 bytes", () => {
    expect(encoded(e => e.command(Buffer.from("c")))).toEqual(bytes(`04 01 "c"`))
    expect(encoded(e => e.command(Buffer.alloc(255))).subarray(0, 2)).toEqual(bytes("04 FF"))
    expect(encoded(e => e.command(Buffer.alloc(256))).subarray(0, 9)).toEqual(bytes("06 0000000000000100"))
  })

  it("parts that are no Buffers", () => {
    expect(encoded(e => e.message([Uint8Array.of(1, 2), Uint8Array.of(3)]))).toEqual(
      bytes("01 02 0102 00 01 03"),
    )
  })
})

describe("chunks", () => {
  it("many small frames leave in one chunk once the slab has its size", () => {
    const encoder = new FrameEncoder()
    const body = Buffer.alloc(64)
    for (let i = 0; i < 5000; i++) encoder.message([body])
    encoder.take()
    for (let i = 0; i < 100; i++) encoder.message([body])
    expect(encoder.take().length).toBeLessThanOrEqual(2)
  })

  it("a payload beyond the copy limit goes by reference, one at the limit is copied", () => {
    const large = Buffer.alloc(COPY_LIMIT + 1, "L")
    const encoder = new FrameEncoder()
    const small = Buffer.alloc(COPY_LIMIT, "s")
    encoder.message([Buffer.from("a"), large, small])
    const chunks = encoder.take()
    expect(chunks[1]).toBe(large)
    expect(chunks).not.toContain(small)
    expect(chunks.length).toBe(3)
  })

  it("what was handed out is never written again, at any fill of the slab", () => {
    const encoder = new FrameEncoder()
    const taken: { chunk: Uint8Array; copy: Buffer }[] = []
    let total = 0
    for (let i = 0; total < 4 * SLAB_SIZE; i++) {
      encoder.message([Buffer.alloc((i * 37) % 3000, i & 0xff)])
      if (i % 3 !== 0) continue
      for (const chunk of encoder.take()) {
        taken.push({ chunk, copy: Buffer.from(chunk) })
        total += chunk.length
      }
    }
    for (const { chunk, copy } of taken) expect(Buffer.compare(chunk, copy)).toBe(0)
  })

  it("nothing to take is no chunk", () => {
    expect(new FrameEncoder().take()).toEqual([])
  })
})
