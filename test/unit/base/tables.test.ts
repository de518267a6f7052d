/** The tables that everything else is made from: options, errors, socket types. */
import { constants } from "node:os"
import { describe, expect, it } from "vitest"
import {
  ERRNO_MESSAGES,
  type ErrnoCode,
  fromSystemError,
  isProtocolError,
  protocolError,
  ZmqError,
} from "../../../src/base/errors.ts"
import { PROTOCOL_CODES, type ProtocolCode } from "../../../src/base/protocol-codes.ts"
import { SOCKET_TYPES } from "../../../src/base/socket-types.ts"
import { parseEndpoint } from "../../../src/context/endpoint.ts"
import { CONNECTIONS } from "../../../src/options/rows/connections.ts"
import { CONTEXT_OPTIONS } from "../../../src/options/rows/context.ts"
import { INERT } from "../../../src/options/rows/inert.ts"
import { IPC } from "../../../src/options/rows/ipc.ts"
import { PATTERNS } from "../../../src/options/rows/patterns.ts"
import { QUEUES } from "../../../src/options/rows/queues.ts"
import { FACTS } from "../../../src/options/rows/read-only.ts"
import { SECURITY } from "../../../src/options/rows/security.ts"
import { TCP } from "../../../src/options/rows/tcp.ts"
import {
  defaultOptions,
  optionNames,
  SOCKET_OPTIONS,
  type SocketOptionName,
} from "../../../src/options/table.ts"
import { contextOptionDocs, socketOptionDocs } from "../../support/option-docs.ts"

interface Row {
  id: number
  type: string
  default: unknown
  sockets: readonly string[]
  access: string
  parse: (value: unknown) => unknown
  show?: (value: unknown) => unknown
}
const rows = optionNames.map(name => [name, SOCKET_OPTIONS[name] as unknown as Row] as const)

describe("the table of options", () => {
  it("has no number, no libzmq name and no text twice", () => {
    const docs = [...socketOptionDocs().values()]
    const ids = rows.map(([, { id }]) => id)
    const names = docs.flatMap(({ libzmq = [] }) => libzmq)
    for (const all of [ids, names, docs.map(({ text }) => text)]) {
      expect(new Set<unknown>(all).size).toBe(all.length)
    }
  })

  const GROUPS = ["ALL", "sends", "receives", "tellsRoutingId", ...Object.keys(SOCKET_TYPES)]

  it("has no name twice in its parts", () => {
    const parts = [QUEUES, CONNECTIONS, TCP, IPC, PATTERNS, FACTS, SECURITY, INERT].map(
      part => Object.keys(part).length,
    )
    expect(parts.reduce((sum, size) => sum + size)).toBe(optionNames.length)
  })

  it.each(rows)("%s: has known sockets, each once", (_, row) => {
    expect(row.sockets.length).toBeGreaterThan(0)
    expect(new Set(row.sockets).size).toBe(row.sockets.length)
    for (const socket of row.sockets) expect(GROUPS).toContain(socket)
  })

  // zmtp.md 6.1: heartbeatTimeout's default of -1 can't be set; a routing id can't be unset (zeromqjs.md 1.5).
  // Likewise the keys and names of security mechanisms; and nothing of VMCI can be set at all.
  const UNSETTABLE = new Set<SocketOptionName>([
    "heartbeatTimeout",
    "routingId",
    "curvePublicKey",
    "curveSecretKey",
    "curveServerKey",
    "zapDomain",
    "gssapiPrincipal",
    "gssapiServicePrincipal",
    "vmciBufferSize",
    "vmciBufferMinSize",
    "vmciBufferMaxSize",
    "vmciConnectTimeout",
  ])
  it.each(rows.filter(([, { access }]) => access !== "read"))(
    "%s: its default is in its own range",
    (name, row) => {
      if (UNSETTABLE.has(name)) {
        expect(() => row.parse(row.show === undefined ? row.default : row.show(row.default))).toThrow(
          "Invalid argument",
        )
        return
      }
      const shown = row.show === undefined ? row.default : row.show(row.default)
      expect(row.parse(shown)).toEqual(row.default)
    },
  )

  it("has the numbers of libzmq (zeromqjs.md 1.5)", () => {
    expect(Object.fromEntries(rows.map(([name, { id }]) => [name, id]))).toMatchObject({
      linger: 17,
      sendTimeout: 28,
      receiveTimeout: 27,
      sendHighWaterMark: 23,
      receiveHighWaterMark: 24,
      immediate: 39,
      conflate: 54,
      maxMessageSize: 22,
      handshakeInterval: 66,
      connectTimeout: 79,
      reconnectInterval: 18,
      reconnectMaxInterval: 21,
      backlog: 19,
      heartbeatInterval: 75,
      heartbeatTimeout: 77,
      heartbeatTimeToLive: 76,
      routingId: 5,
      ipv6: 42,
      tcpKeepalive: 34,
      tcpKeepaliveIdle: 36,
      tcpKeepaliveInterval: 37,
      tcpKeepaliveCount: 35,
      tcpMaxRetransmitTimeout: 80,
      tcpAcceptFilter: 38,
      socksProxy: 68,
      typeOfService: 57,
      interface: 92,
      sendBufferSize: 11,
      receiveBufferSize: 12,
      correlate: 52,
      relaxed: 53,
      noDrop: 69,
      invertMatching: 74,
    })
  })

  it("linger starts with -1, with 0 for SUB and XSUB, and with 0 for all in a context that isn't blocky", () => {
    for (const type of Object.values(SOCKET_TYPES)) {
      const wanted = type.name === "SUB" || type.name === "XSUB" ? 0 : -1
      expect(defaultOptions(type, { blocky: true, ipv6: false }).linger).toBe(wanted)
      expect(defaultOptions(type, { blocky: false, ipv6: false }).linger).toBe(0)
    }
    expect(defaultOptions(SOCKET_TYPES.SUB, { blocky: true, ipv6: true }).ipv6).toBe(true)
  })
})

describe("the doc comments of the options", () => {
  const all = [
    ...rows.map(([name, row]) => ["socket", name, row, socketOptionDocs().get(name)] as const),
    ...Object.entries(CONTEXT_OPTIONS).map(
      ([name, row]) => ["context", name, row as unknown as Row, contextOptionDocs().get(name)] as const,
    ),
  ]

  it.each(all)("%s %s: whole sentences, the first of at most twenty words, and a libzmq name", (...row) => {
    const [, , { id }, doc] = row
    expect(doc?.text).toMatch(/^[A-Z`].*\.$/s)
    expect(doc?.text.split(/[.](?= |$)/)[0]?.split(" ").length).toBeLessThanOrEqual(20)
    // Those that libzmq doesn't have, have no number of its own either.
    if (id < 0) expect(doc?.libzmq).toBeUndefined()
    else expect(doc?.libzmq).toMatch(/^ZMQ_[A-Z0-9_]+$/)
  })

  it.each(all)("%s %s: @defaultValue is the row's default", (_, name, row, doc) => {
    const shown = /^`(.*?)`/.exec(doc?.defaultValue ?? "")?.[1]
    if (row.access === "read" || name.startsWith("vmci")) expect(doc?.defaultValue).toBeUndefined()
    else expect(shown).toBe(JSON.stringify(row.show === undefined ? row.default : row.show(row.default)))
  })
})

describe("the table of errors", () => {
  const codes = Object.keys(ERRNO_MESSAGES) as ErrnoCode[]

  it.runIf(process.platform === "linux").each(codes)("%s has a positive errno of its own", code => {
    const { errno } = new ZmqError(code)
    expect(errno).toBeGreaterThan(0)
    expect(errno).toBe(
      { EFSM: 156384763, ENOCOMPATPROTO: 156384764, ETERM: 156384765, EMTHREAD: 156384766 }[code as string] ??
        constants.errno[code as keyof typeof constants.errno],
    )
    expect(codes.filter(other => new ZmqError(other).errno === errno)).toEqual([code])
  })

  it("has the texts that users know (zeromqjs.md 1.9)", () => {
    expect(ERRNO_MESSAGES).toMatchObject({
      EFAULT: "Context is closed",
      EAGAIN: "Operation was not possible or timed out",
      EMFILE: "Too many open file descriptors",
      ENOENT: "No such endpoint",
      EBUSY: "Socket is busy",
      EBADF: "Socket is closed",
      EADDRINUSE: "Address already in use",
      EFSM: "Operation cannot be accomplished in current state",
      ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
      EINVAL: "Invalid argument",
      EPROTONOSUPPORT: "Protocol not supported",
      EHOSTUNREACH: "Host unreachable",
      ENOTSUP: "Operation not supported",
      ENOTSOCK: "Socket operation on non-socket",
      EADDRNOTAVAIL: "Cannot assign requested address",
      ENODEV: "No such device",
      ENAMETOOLONG: "File name too long",
    })
  })

  it("own keys are errno, code, address, in this order", () => {
    expect(Object.keys(new ZmqError("EAGAIN"))).toEqual(["errno", "code"])
    expect(Object.keys(new ZmqError("ENOENT", { address: "tcp://a:1" }))).toEqual([
      "errno",
      "code",
      "address",
    ])
    expect(new ZmqError("EAGAIN")).toBeInstanceOf(Error)
  })

  it.each(Object.keys(PROTOCOL_CODES) as ProtocolCode[])(
    "%s has the text of a protocol error, and no errno",
    code => {
      const error = protocolError(code, "why")
      const message = `${/^ERR_(\w+?)_/.exec(code)?.[1]} protocol error`
      expect(error).toMatchObject({ message, code, reason: "why" })
      expect(Object.keys(error)).toEqual(["code", "reason"])
      expect(isProtocolError(error)).toBe(true)
    },
  )

  it("a message that is too long forbids dialling again, other errno codes don't", () => {
    expect(codes.filter(code => isProtocolError(new ZmqError(code)))).toEqual(["EMSGSIZE"])
    expect(isProtocolError(new Error("x"))).toBe(false)
  })
})

describe("fromSystemError()", () => {
  it("keeps a code that we know, in our words, and the cause", () => {
    const cause = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE", errno: -98 })
    const error = fromSystemError(cause, "tcp://a:1")
    expect(error).toMatchObject({
      code: "EADDRINUSE",
      message: "Address already in use",
      address: "tcp://a:1",
      cause,
    })
    expect(error.errno).toBeGreaterThan(0)
  })

  it("keeps a code that we don't know, in the system's words", () => {
    const text = "ENOSPC: no space left on device, link 'a' -> 'b'"
    const cause = Object.assign(new Error(text), { code: "ENOSPC", errno: -28 })
    const error = fromSystemError(cause, "ipc://b")
    expect(error).toMatchObject({ code: "ENOSPC", message: text, address: "ipc://b", cause })
    expect(error.errno).toBe(constants.errno.ENOSPC)
    const ofNode = Object.assign(new RangeError("Port should be < 65536"), { code: "ERR_SOCKET_BAD_PORT" })
    expect(fromSystemError(ofNode)).toMatchObject({
      code: "ERR_SOCKET_BAD_PORT",
      message: "Port should be < 65536",
      errno: 0,
    })
  })

  it("makes EPROTO of anything without a code, with its text as the reason", () => {
    for (const odd of [undefined, null, "text", { code: "toString" }, { code: 3 }, new Error("")])
      expect(fromSystemError(odd)).toMatchObject({ code: "EPROTO", message: "Protocol error" })
    expect(fromSystemError(new TypeError("x is not a function"))).toMatchObject({
      code: "EPROTO",
      message: "Protocol error",
      reason: "x is not a function",
    })
  })

  it("adds the address to an error of ours, and keeps its text and reason", () => {
    const ours = new ZmqError("EISCONN", { reason: "one peer" })
    expect(fromSystemError(ours)).toBe(ours)
    const error = fromSystemError(ours, "tcp://a:1")
    expect(error).toMatchObject({ code: "EISCONN", reason: "one peer", address: "tcp://a:1" })
    expect(Object.keys(error).slice(0, 3)).toEqual(["errno", "code", "address"])
  })
})

describe("parseEndpoint()", () => {
  it("splits at the first ://", () => {
    expect(parseEndpoint("inproc://a://b")).toEqual({ scheme: "inproc", address: "a://b" })
  })

  it.each(["", "foo-bar", "://x", "tcp://", "ipc://", "inproc://", "tcp:/x"])("%j is EINVAL", text => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "EINVAL", address: text }))
  })
})
