/** connect() that names its peer: zeromqjs.md 1.3 and 1.4, zmtp.md 5.7. */
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { SOCKET_TYPES } from "../../../src/base/socket-types.ts"
import { BaseContext } from "../../../src/context/context.ts"
import type { Pipe } from "../../../src/contracts/pattern.ts"
import { BaseSocket, type ConnectOptions, connectNamed } from "../../../src/socket/socket.ts"
import { PipesPattern } from "../../support/fake-pattern.ts"
import { code } from "../../support/fake-socket.ts"
import { FakeTransport } from "../../support/fake-transport.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const WHERE = "fake://there"

/** Knows its peers by the names that connect() gave them. */
class NamingPattern extends PipesPattern {
  get names(): (string | undefined)[] {
    return this.pipes.map(nameOf)
  }

  hasPeer(routingId: Uint8Array): boolean {
    return this.names.includes(String(routingId))
  }
}

const nameOf = ({ connectRoutingId }: Pipe) => connectRoutingId && String(connectRoutingId)

function open(options?: { immediate: boolean }) {
  const transport = new FakeTransport()
  const pattern = new NamingPattern()
  class Naming extends BaseSocket {
    constructor() {
      super(
        { type: SOCKET_TYPES.ROUTER, context: new BaseContext([transport]), pattern: () => pattern },
        options,
      )
    }
    override connect(address: string, options: ConnectOptions = {}): void {
      connectNamed(this, address, options)
    }
  }
  const socket = new Naming()
  onTestFinished(() => socket.close())
  return { socket, transport, pattern }
}

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript may call
const untyped = (value: unknown) => value as any

describe("connect(address, { routingId })", () => {
  it("names the pipe of this connect() alone", () => {
    const { socket, pattern } = open()
    socket.connect(WHERE, { routingId: "näme" })
    socket.connect(WHERE)
    socket.connect(WHERE, { routingId: Uint8Array.of(0, 0xff) })
    expect(pattern.names).toEqual(["näme", undefined, "\0\ufffd"])
  })

  it("copies bytes", () => {
    const { socket, pattern } = open()
    const bytes = Buffer.from("abc")
    socket.connect(WHERE, { routingId: bytes })
    bytes.fill("x")
    expect(pattern.names).toEqual(["abc"])
  })

  it("keeps the name through `immediate`, where the pipe comes with the connection", async () => {
    const { socket, pattern, transport } = open({ immediate: true })
    socket.connect(WHERE, { routingId: "later" })
    expect(pattern.names).toEqual([])
    await transport.lastDial.succeed()
    expect(pattern.names).toEqual(["later"])
  })

  it.each([undefined, {}, { routingId: undefined }, { routingId: "" }, { routingId: null }, "text", 5])(
    "%j names nobody, as in the native package",
    options => {
      const { socket, pattern } = open()
      untyped(socket).connect(WHERE, options)
      expect(pattern.names).toEqual([undefined])
    },
  )

  it("takes up to 255 bytes", () => {
    const { socket, pattern } = open()
    socket.connect(WHERE, { routingId: "x".repeat(255) })
    expect(code(() => socket.connect(WHERE, { routingId: "x".repeat(256) }))).toBe("EINVAL")
    expect(code(() => socket.connect(WHERE, { routingId: new Uint8Array(0) }))).toBe("EINVAL")
    expect(pattern.names.length).toBe(1)
  })

  it.each<[string, unknown[]]>([
    ["Address must be a string", [5, { routingId: "a" }]],
    ["Option value must be a string or buffer", [WHERE, { routingId: 5 }]],
    ["Cannot read properties of null", [WHERE, null]],
  ])("throws a TypeError: %s", (text, parameters) => {
    const { socket } = open()
    expect(() => untyped(socket).connect(...parameters)).toThrow(TypeError)
    if (parameters[1] !== null) expect(() => untyped(socket).connect(...parameters)).toThrow(text)
  })

  it("throws EINVAL, and does nothing, when a peer has this name already", () => {
    const { socket, pattern, transport } = open()
    socket.connect(WHERE, { routingId: "a" })
    expect(() => socket.connect("fake://elsewhere", { routingId: "a" })).toThrow(
      expect.objectContaining({ code: "EINVAL", address: "fake://elsewhere", reason: expect.any(String) }),
    )
    expect([pattern.names, transport.dials.length, socket.lastEndpoint]).toEqual([["a"], 1, WHERE])
  })

  it("a failed connect() leaves no name behind for the next", () => {
    const { socket, pattern } = open()
    expect(code(() => socket.connect("fake://bad", { routingId: "a" }))).toBe("EINVAL")
    socket.connect(WHERE)
    socket.connect(WHERE, { routingId: "a" })
    expect(pattern.names).toEqual([undefined, "a"])
  })

  it("throws EBADF when the socket is closed", () => {
    const { socket } = open()
    socket.close()
    expect(code(() => socket.connect(WHERE, { routingId: "a" }))).toBe("EBADF")
  })
})
