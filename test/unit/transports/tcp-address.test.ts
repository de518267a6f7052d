import assert from "node:assert/strict"
import { networkInterfaces } from "node:os"
import { describe, it } from "vitest"
import { parseBind, parseConnect } from "../../../transports/tcp/address.ts"
import { tcp } from "../../../transports/tcp.ts"
import { byteHost } from "../../suites/byte-end.ts"

/** What bind and connect say to an address: what they make of it, or EINVAL. */
const TABLE: readonly [address: string, bind: object | "EINVAL", connect: object | "EINVAL"][] = [
  ["*:5555", { host: "*", port: 5555 }, "EINVAL"],
  ["0.0.0.0:5555", { host: "0.0.0.0", port: 5555 }, { host: "0.0.0.0", port: 5555 }],
  ["127.0.0.1:*", { host: "127.0.0.1", port: 0 }, "EINVAL"],
  ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }, { host: "127.0.0.1", port: 0 }],
  ["*:*", { host: "*", port: 0 }, "EINVAL"],
  ["lo:5555", { host: "lo", port: 5555 }, { host: "lo", port: 5555 }],
  ["my-host.example:1", { host: "my-host.example", port: 1 }, { host: "my-host.example", port: 1 }],
  ["[::1]:5555", { host: "::1", port: 5555 }, { host: "::1", port: 5555 }],
  ["::1:5555", { host: "::1", port: 5555 }, { host: "::1", port: 5555 }],
  ["[fe80::1%eth0]:7", { host: "fe80::1%eth0", port: 7 }, { host: "fe80::1%eth0", port: 7 }],
  ["[::]:*", { host: "::", port: 0 }, "EINVAL"],
  ["127.0.0.1", "EINVAL", "EINVAL"],
  ["127.0.0.1:", "EINVAL", "EINVAL"],
  ["127.0.0.1:abc", "EINVAL", "EINVAL"],
  ["127.0.0.1:5555/path", "EINVAL", "EINVAL"],
  ["127.0.0.1:5555x", "EINVAL", "EINVAL"],
  ["127.0.0.1:-1", "EINVAL", "EINVAL"],
  ["127.0.0.1: 1", "EINVAL", "EINVAL"],
  ["127.0.0.1:65535", { host: "127.0.0.1", port: 65535 }, { host: "127.0.0.1", port: 65535 }],
  ["127.0.0.1:65536", "EINVAL", { host: "127.0.0.1", port: 65536 }],
  ["127.0.0.1:70000", "EINVAL", { host: "127.0.0.1", port: 70000 }],
  ["", "EINVAL", "EINVAL"],
  [":5555", "EINVAL", "EINVAL"],
  ["host name:5555", "EINVAL", "EINVAL"],
  ["[::1:5555", "EINVAL", "EINVAL"],
  ["[]:5555", "EINVAL", "EINVAL"],
  ["[host]:5555", "EINVAL", "EINVAL"],
  [
    "10.0.0.1:0;10.0.0.2:5555",
    "EINVAL",
    { host: "10.0.0.2", port: 5555, source: { host: "10.0.0.1", port: 0 } },
  ],
  ["lo:*;[::1]:5", "EINVAL", { host: "::1", port: 5, source: { host: "lo", port: 0 } }],
  ["10.0.0.1;10.0.0.2:5555", "EINVAL", "EINVAL"],
  ["*:0;10.0.0.2:5555", "EINVAL", "EINVAL"],
]

describe("tcp addresses", () => {
  for (const [address, bind, connect] of TABLE) {
    it(`"${address}"`, () => {
      for (const [parse, expected] of [
        [parseBind, bind],
        [parseConnect, connect],
      ] as const) {
        if (expected !== "EINVAL") assert.deepEqual(parse("tcp", address), expected)
        else assert.throws(() => parse("tcp", address), { code: "EINVAL", address: `tcp://${address}` })
      }
    })
  }
})

const V6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === "::1"))
const LO = networkInterfaces().lo?.some(({ address }) => address === "127.0.0.1") === true

describe("resolved tcp endpoints", () => {
  const resolved = async (address: string, ipv6: boolean) => {
    const listener = await tcp().listen(address, byteHost({ options: { ipv6 } }), () => {})
    await listener.close()
    return listener.endpoint.replace(/\d+$/, "PORT")
  }

  it.each([
    ["*:*", "tcp://0.0.0.0:PORT"],
    ["0.0.0.0:0", "tcp://0.0.0.0:PORT"],
    ["127.0.0.1:*", "tcp://127.0.0.1:PORT"],
    ["localhost:*", "tcp://127.0.0.1:PORT"],
    ["LocalHost.:*", "tcp://127.0.0.1:PORT"],
    ["[::ffff:127.0.0.1]:*", "tcp://127.0.0.1:PORT"],
    ["[0:0:0:0:0:FFFF:7f00:1]:*", "tcp://127.0.0.1:PORT"],
  ])("%s", async (address, expected) => {
    assert.equal(await resolved(address, false), expected)
  })

  it.runIf(LO)("an interface", async () => {
    assert.equal(await resolved("lo:*", false), "tcp://127.0.0.1:PORT")
  })

  it.runIf(V6).each([
    ["*:*", "tcp://[::]:PORT"],
    ["[::1]:*", "tcp://[::1]:PORT"],
    ["::1:*", "tcp://[::1]:PORT"],
    ["127.0.0.1:*", "tcp://[::ffff:127.0.0.1]:PORT"],
    ["localhost:*", "tcp://[::1]:PORT"],
  ])("%s with ipv6", async (address, expected) => {
    assert.equal(await resolved(address, true), expected)
  })
})
