import { describe, expect, it } from "vitest"
import { LARGEST_MESSAGE, MOST_PARTS, PART_COST } from "../../../src/base/limits.ts"
import { isTakenByPeers } from "../../../src/base/message-size.ts"
import { SOCKET_TYPES } from "../../../src/base/socket-types.ts"
import { Assembler } from "../../../src/zmtp/assembler.ts"

// Untouched, they take no memory.
const nothing = Buffer.alloc(0)
const half = Buffer.alloc(2 ** 30)
const whole = Buffer.alloc(2 ** 31)

/** Parts of so many bytes together, which share their memory. */
const parts = (count: number, bytes = 0) => {
  const list = new Array<Buffer>(count).fill(nothing)
  list[count - 1] = whole.subarray(0, Math.min(bytes, LARGEST_MESSAGE))
  return list
}

/** Whether a receiver takes it. */
function assembles(message: readonly Buffer[]): boolean {
  const assembler = new Assembler(LARGEST_MESSAGE, () => {})
  try {
    for (const [i, part] of message.entries()) assembler.add(part, i < message.length - 1)
    return true
  } catch {
    return false
  } finally {
    assembler.drop()
  }
}

describe("a message that is sent", () => {
  it.each([
    ["as many parts as there may be", parts(MOST_PARTS), true],
    ["one more", parts(MOST_PARTS + 1), false],
    ["the largest part", [whole.subarray(0, LARGEST_MESSAGE)], true],
    ["two that are too large together", [half, half], false],
    ["two that just go together", parts(2, LARGEST_MESSAGE - 2 * PART_COST), true],
    ["two that would without what parts cost", parts(2, LARGEST_MESSAGE - 2 * PART_COST + 1), false],
    ["none", [], true],
  ])("of %s is taken as its receiver takes it", (_, message, taken) => {
    expect(isTakenByPeers(message)).toBe(taken)
    expect(assembles(message)).toBe(taken)
  })

  it("of more than 2^31 - 1 bytes in one part is not taken, nor by the decoder of a peer", () => {
    expect(isTakenByPeers([whole])).toBe(false)
  })

  it("counts with what the socket type adds, and without what it takes off", () => {
    const { REQ, ROUTER } = SOCKET_TYPES
    expect(isTakenByPeers(parts(MOST_PARTS - 2), REQ)).toBe(true)
    expect(isTakenByPeers(parts(MOST_PARTS - 1), REQ)).toBe(false)
    expect(isTakenByPeers([whole.subarray(0, LARGEST_MESSAGE - 2000)], REQ)).toBe(true)
    expect(isTakenByPeers([whole.subarray(0, LARGEST_MESSAGE)], REQ)).toBe(false)
    expect(isTakenByPeers(parts(MOST_PARTS + 1), ROUTER)).toBe(true)
    expect(isTakenByPeers(parts(MOST_PARTS + 2), ROUTER)).toBe(false)
    expect(isTakenByPeers([whole, nothing], ROUTER)).toBe(true)
    expect(isTakenByPeers([nothing, whole], ROUTER)).toBe(false)
  })
})
