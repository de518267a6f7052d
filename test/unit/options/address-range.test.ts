import { describe, expect, it } from "vitest"
import { formatRange, parseRange } from "../../../src/options/kinds/address-range.ts"

describe("parseRange()", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1/32"],
    ["192.0.2.1/32", "192.0.2.1/32"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["10.0.0.0/08", "10.0.0.0/8"],
    ["10.1.2.3/0", "10.1.2.3/0"],
    ["::1", "::1/128"],
    ["[::1]", "::1/128"],
    ["[fe80::]/10", "fe80::/10"],
    ["::/0", "::/0"],
    ["::ffff:192.0.2.0/120", "::ffff:192.0.2.0/120"],
  ])("%s", (given, range) => {
    expect(formatRange(parseRange(given))).toBe(range)
  })

  it.each([
    "",
    "/",
    "/8",
    "x",
    "localhost",
    "lo",
    "*",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/x",
    "10.0.0.0/8x",
    "10.0.0.0/8/8",
    "10.0.0.0/ 8",
    "10.0.0.0/255.0.0.0",
    " 10.0.0.0",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4:80",
    "::1/129",
    "[::1",
    "[::1]:80",
    "fe80::1%lo/64",
    "10.0.0.0, 11.0.0.0",
    "10.0.0.0/8\0",
  ])("%j is EINVAL", given => {
    expect(() => parseRange(given)).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })
})
