import { FrameDecoder } from "../../src/zmtp/frame-decoder.ts"
import { BATCH_SIZE, FrameEncoder } from "../../src/zmtp/frame-encoder.ts"
import { sizeName } from "../run/sizes.ts"
import type { Subject } from "./harness.ts"

const SIZES = [16, 64, 256, 4096]
const COUNT = 2000

export const framing: readonly Subject[] = [
  ...SIZES.map(encode),
  ...SIZES.map(size => decode(size, 64 * 1024)),
  // Each frame is split over two chunks.
  decode(64, 66 * 1.5),
]

/** A message of one part, taken in batches as a connection does. */
function encode(size: number): Subject {
  const encoder = new FrameEncoder()
  const message = [Buffer.alloc(size, "x")]
  return {
    name: `encode ${sizeName(size)}`,
    operations: COUNT,
    run() {
      let chunks = 0
      for (let i = 0; i < COUNT; i++) {
        encoder.message(message)
        if (encoder.bytes >= BATCH_SIZE) chunks += encoder.take().length
      }
      return chunks + encoder.take().length
    },
  }
}

function decode(size: number, chunkSize: number): Subject {
  const decoder = new FrameDecoder()
  const chunks = cut(frames(size), chunkSize)
  return {
    name: `decode ${sizeName(size)}, chunks of ${sizeName(chunkSize)}`,
    operations: COUNT,
    run() {
      let bytes = 0
      for (const chunk of chunks) {
        decoder.feed(chunk)
        while (decoder.read()) bytes += decoder.body.length
      }
      if (bytes !== COUNT * size) throw new Error(`${bytes} bytes decoded`)
      return bytes
    },
  }
}

function frames(size: number): Buffer {
  const encoder = new FrameEncoder()
  for (let i = 0; i < COUNT; i++) encoder.message([Buffer.alloc(size, "x")])
  return Buffer.concat(encoder.take())
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}
