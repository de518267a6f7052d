import { expect, it } from "vitest"
import { Unconfirmed } from "../../../src/connections/unconfirmed.ts"

const MEBIBYTE = 1024 * 1024

it("counts all messages while the kernels may hold them", () => {
  const unconfirmed = new Unconfirmed()
  for (let i = 0; i < 64; i++) unconfirmed.add(10, MEBIBYTE)
  expect(unconfirmed.messages).toBe(640)
  unconfirmed.add(1, MEBIBYTE)
  expect(unconfirmed.messages).toBe(641)
})

it("forgets those behind which more was written than the kernels hold, and never others", () => {
  const unconfirmed = new Unconfirmed()
  let before = 0
  for (let i = 0; i < 1000; i++) {
    unconfirmed.add(1, MEBIBYTE)
    expect(unconfirmed.messages).toBeGreaterThanOrEqual(Math.min(i + 1, 64))
    expect(unconfirmed.messages).toBeLessThanOrEqual(130)
    before = Math.max(before, unconfirmed.messages)
  }
  expect(before).toBeGreaterThan(64)
})

it("forgets nothing of the last write, however large it is", () => {
  const unconfirmed = new Unconfirmed()
  unconfirmed.add(1000, 10)
  unconfirmed.add(1, 1000 * MEBIBYTE)
  expect(unconfirmed.messages).toBe(1001)
  unconfirmed.add(5, 10)
  expect(unconfirmed.messages).toBe(1006)
})

it("has none once the peer has everything", () => {
  const unconfirmed = new Unconfirmed()
  for (let i = 0; i < 100; i++) unconfirmed.add(1, MEBIBYTE)
  unconfirmed.confirm()
  expect(unconfirmed.messages).toBe(0)
  unconfirmed.add(2, 10)
  expect(unconfirmed.messages).toBe(2)
})
