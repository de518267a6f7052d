/** What the user does wrong gets the error that the native package gives: each mistake is made with both. */
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as native from "zeromq"
import * as ours from "../../src/index.ts"
import { turn } from "../support/events.ts"
import { watchProcess } from "./stage.ts"

// biome-ignore lint/suspicious/noExplicitAny: mistakes are what the types forbid
type Any = any
/** Both packages have this shape, as far as mistakes are concerned. */
type Library = Record<string, Any>

watchProcess()

interface Outcome {
  readonly how: "returns" | "throws" | "resolves" | "rejects"
  readonly value?: unknown
  readonly error?: Record<string, unknown>
}

/** What a call comes to: where the error shows, and all of it that programs look at. */
async function outcomeOf(call: () => unknown): Promise<Outcome> {
  let value: unknown
  try {
    value = call()
  } catch (error) {
    return { how: "throws", error: partsOf(error) }
  }
  if (!(value instanceof Promise)) return { how: "returns", value: typeof value }
  try {
    await value
    return { how: "resolves" }
  } catch (error) {
    return { how: "rejects", error: partsOf(error) }
  }
}

function partsOf(error: Any): Record<string, unknown> {
  const { name, code, errno, message, address } = error
  return { name: name === "ZmqError" ? "Error" : name, code, errno, message, address }
}

type Mistake = (library: Library) => unknown

/** Makes the mistake with both, on sockets that are closed afterwards. */
async function same(mistake: Mistake): Promise<void> {
  const outcomes: Outcome[] = []
  for (const library of [native, ours] as Library[]) {
    const made: Any[] = []
    const tracked = new Proxy(library, {
      get: (target, key: string) => {
        const Class = target[key]
        if (typeof Class !== "function" || key === "Context") return Class
        return class extends Class {
          constructor(...args: unknown[]) {
            super(...args)
            made.push(this)
          }
        }
      },
    })
    outcomes.push(await outcomeOf(() => mistake(tracked)))
    for (const socket of made) socket.close()
    // libzmq closes in the background.
    await turn()
  }
  expect(outcomes[1]).toEqual(outcomes[0])
}

let busyPort = 0
const server = createServer()
beforeAll(async () => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  busyPort = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

const MALFORMED = [
  "",
  "foo-bar",
  "://",
  "tcp",
  "tcp:",
  "tcp:/",
  "tcp://",
  "tcp://:",
  "tcp://127.0.0.1",
  "tcp://127.0.0.1:",
  "tcp://127.0.0.1:abc",
  "ipc://",
  "inproc://",
  "foo://bar",
  "pgm://eth0;239.192.1.1:5555",
  `ipc:///tmp/${"x".repeat(200)}`,
]

describe("endpoints", () => {
  it.each([
    ...MALFORMED,
    "ipc:///no/such/directory/socket",
    "tcp://192.0.2.1:5555",
    "tcp://no.such.host.invalid:5555",
  ])("bind(%j)", address => same(({ Pull }) => new Pull({ linger: 0 }).bind(address)))

  // libzmq binds to whatever is left of such a port after wrapping around.
  it("bind() to a port below zero", async () => {
    expect(await outcomeOf(() => new ours.Pull().bind("tcp://127.0.0.1:-1"))).toMatchObject({
      how: "rejects",
      error: { code: "EINVAL", address: "tcp://127.0.0.1:-1" },
    })
  })

  it("bind() to a port in use", () => same(({ Pull }) => new Pull().bind(`tcp://127.0.0.1:${busyPort}`)))

  it("bind() to an inproc name in use", () =>
    same(async ({ Pull }) => {
      await new Pull().bind("inproc://taken")
      await new Pull().bind("inproc://taken")
    }))

  it.each([
    ...MALFORMED,
    "tcp://127.0.0.1:-1",
    "tcp://127.0.0.1:*",
    "tcp://*:*",
    "tcp://no.such.host.invalid:5555",
    "tcp://127.0.0.1:99999",
    "tcp://127.0.0.1:0",
    "ipc:///no/such/directory/socket",
  ])("connect(%j)", address => same(({ Push }) => new Push({ linger: 0 }).connect(address)))

  it.each(["", "foo-bar", "foo://bar", "tcp://127.0.0.1:5555", "ipc:///tmp/nobody", "inproc://nobody"])(
    "unbind(%j) and disconnect() of what is not there",
    async address => {
      await same(({ Pull }) => new Pull().unbind(address))
      await same(({ Pull }) => new Pull().disconnect(address))
    },
  )

  it.each(["bind", "unbind", "connect", "disconnect"])("%s() without an endpoint", async method => {
    const notAddresses: unknown[][] = [[], [undefined], [null], [5], [{}], ["inproc://a", "inproc://b"]]
    for (const args of notAddresses) await same(({ Pair }) => new Pair()[method](...args))
  })
})

describe("options", () => {
  const values: unknown[] = [null, undefined, "x", "5", true, {}, -1, -2, 0, 1.5, 2, Number.NaN, 2 ** 31]
  const integers = [
    "linger",
    "sendTimeout",
    "receiveTimeout",
    "sendHighWaterMark",
    "receiveHighWaterMark",
    "maxMessageSize",
    "handshakeInterval",
    "connectTimeout",
    "reconnectInterval",
    "reconnectMaxInterval",
    "backlog",
    "heartbeatInterval",
    "heartbeatTimeout",
    "heartbeatTimeToLive",
    "tcpKeepalive",
    "tcpKeepaliveIdle",
    "tcpKeepaliveInterval",
    "tcpKeepaliveCount",
    "tcpMaxRetransmitTimeout",
    "sendBufferSize",
    "receiveBufferSize",
  ]
  it.each(integers)("%s", async name => {
    for (const value of [...values, 6_553_600, -(2 ** 31) - 1]) {
      await same(({ Pair }) => {
        const socket = new Pair()
        socket[name] = value
      })
      await same(({ Pair }) => new Pair({ [name]: value }).linger)
      await sameValue(name, value)
    }
  })

  it.each(["immediate", "ipv6"])("%s", async name => {
    for (const value of values) await same(({ Pair }) => new Pair({ [name]: value }).linger)
  })

  it.each(["correlate", "relaxed"])("%s", async name => {
    for (const value of values) await same(({ Request }) => new Request({ [name]: value }).linger)
  })

  it.each(["socksProxy", "tcpAcceptFilter", "interface"])("%s", async name => {
    for (const value of [null, undefined, "", 5, {}, true]) {
      await same(({ Pair }) => new Pair({ [name]: value }).linger)
    }
  })

  it("tcpAcceptFilter", async () => {
    const ranges = [
      "127.0.0.1",
      "10.0.0.0/8",
      Buffer.from("10.0.0.0/8"),
      "/",
      "/8",
      "x",
      "lo",
      "1.2.3.4/33",
      "1.2.3.4/",
    ]
    for (const range of ranges) await same(({ Pair }) => new Pair({ tcpAcceptFilter: range }).linger)
  })

  it("routingId", async () => {
    const ids = [
      null,
      undefined,
      "",
      "a".repeat(255),
      "a".repeat(256),
      5,
      {},
      Buffer.alloc(0),
      Buffer.alloc(256),
    ]
    for (const id of ids) {
      await same(({ Request }) => new Request({ routingId: id }).linger)
    }
  })

  it("that don't exist, or belong to other sockets, or can't be set", async () => {
    for (const options of [
      { nothing: 1 },
      { subscribe: "x" },
      { receiveTimeout: 5 },
      { correlate: true },
      { type: 5 },
      { lastEndpoint: "x" },
      { closed: true },
      { readable: true },
      { writable: false },
      { events: 1 },
    ])
      await same(({ Push }) => new Push(options))
    // Sockets are not sealed, so assigning something else later is no error on purpose.
    await same(({ Pull }) => {
      new Pull().type = 5
    })
    await same(({ Pull }) => {
      new Pull().closed = true
    })
  })

  it("that are no options", async () => {
    for (const options of [null, 5, "x", true]) await same(({ Pair }) => new Pair(options))
    await same(({ Pair }) => new Pair(undefined).linger)
  })

  it("of a context", async () => {
    const wrong: unknown[] = [
      null,
      5,
      { nothing: 1 },
      { maxSockets: 0 },
      { maxSockets: "x" },
      { ioThreads: -1 },
      { ipv6: 1 },
      { blocky: "no" },
    ]
    for (const options of wrong) await same(({ Context }) => new Context(options))
  })

  it("more sockets than the context allows", () =>
    same(({ Context, Pair }) => {
      const context = new Context({ maxSockets: 3 })
      for (let n = 0; n < 4; n++) new Pair({ context })
    }))

  /** What was taken reads the same. */
  async function sameValue(name: string, value: unknown): Promise<void> {
    const read = ({ Pair }: Library) => {
      const socket = new Pair()
      try {
        socket[name] = value
        return socket[name]
      } catch {
        return undefined
      } finally {
        socket.close()
      }
    }
    expect(read(ours), `${name} = ${String(value)}`).toEqual(read(native as Library))
  }
})

describe("a closed socket", () => {
  const uses: Record<string, (socket: Any) => unknown> = {
    send: socket => socket.send("x"),
    "send nothing": socket => socket.send(),
    receive: socket => socket.receive(),
    bind: socket => socket.bind("inproc://closed"),
    "bind nowhere": socket => socket.bind(""),
    unbind: socket => socket.unbind("inproc://closed"),
    connect: socket => socket.connect("inproc://closed"),
    disconnect: socket => socket.disconnect("inproc://closed"),
    close: socket => socket.close(),
    "an option read": socket => socket.linger,
    "an option set": socket => {
      socket.linger = 5
    },
    type: socket => socket.type,
    lastEndpoint: socket => socket.lastEndpoint,
    events: socket => socket.events,
    context: socket => socket.context,
    closed: socket => socket.closed,
    readable: socket => socket.readable,
    writable: socket => socket.writable,
    iteration: async socket => {
      for await (const _ of socket) throw new Error("a message")
    },
  }
  it.each(Object.entries(uses))("%s", (_, use) =>
    same(({ Pair }) => {
      const socket = new Pair()
      socket.close()
      return use(socket)
    }),
  )

  it("subscribe and unsubscribe", async () => {
    for (const method of ["subscribe", "unsubscribe"])
      await same(({ Subscriber }) => {
        const socket = new Subscriber()
        socket.close()
        return socket[method]("x")
      })
  })

  it("its pending operations", async () => {
    await same(({ Pair }) => closedDuring(new Pair(), socket => socket.receive()))
    await same(({ Pair }) => closedDuring(new Pair(), socket => socket.send("x")))
    await same(({ Request }) => closedDuring(new Request(), socket => socket.receive()))
    await same(({ Reply }) => closedDuring(new Reply(), socket => socket.send("x")))
    await same(({ Publisher }) => closedDuring(new Publisher(), socket => socket.receive()))
    await same(({ Pull }) => closedDuring(new Pull(), socket => socket.send("x")))
  })

  function closedDuring(socket: Any, operation: (socket: Any) => Promise<unknown>): Promise<unknown> {
    const pending = operation(socket)
    socket.close()
    return pending
  }
})

describe("operations", () => {
  it("that can't be done now", async () => {
    const now = { sendTimeout: 0, receiveTimeout: 0 }
    await same(({ Pair }) => new Pair(now).send("x"))
    await same(({ Pair }) => new Pair(now).receive())
    await same(({ Request }) => new Request(now).receive())
    await same(({ Reply }) => new Reply(now).send("x"))
    await same(({ Reply }) => new Reply(now).receive())
    await same(({ Push }) => new Push({ sendTimeout: 0 }).send("x"))
    await same(({ Pull }) => new Pull({ receiveTimeout: 0 }).receive())
    await same(({ Publisher }) => new Publisher({ sendTimeout: 0 }).send("x"))
    await same(({ Subscriber }) => new Subscriber({ receiveTimeout: 0 }).receive())
    await same(({ Pair }) => new Pair({ sendTimeout: 5 }).send("x"))
    await same(({ Pair }) => new Pair({ receiveTimeout: 5 }).receive())
  })

  it("with wrong arguments", async () => {
    const thrower = {
      toString() {
        throw new RangeError("no")
      },
    }
    for (const args of [
      [],
      [undefined],
      [Symbol("x")],
      [thrower],
      [[Symbol("x")]],
      ["a", "b"],
      ["a", "b", "c"],
    ])
      await same(({ Push }) => new Push({ sendTimeout: 0 }).send(...args))
    for (const args of [[1], ["a", "b"]])
      await same(({ Pull }) => new Pull({ receiveTimeout: 0 }).receive(...args))
    await same(({ Pair }) => new Pair().close(1))
    for (const topic of [null, 5, {}, ["x"]]) {
      await same(({ Subscriber }) => new Subscriber().subscribe(topic))
      await same(({ Subscriber }) => new Subscriber().unsubscribe(topic))
    }
  })

  it("during bind()", async () => {
    for (const use of ["send", "receive", "bind", "unbind", "connect", "disconnect"])
      await same(({ Pair }) => {
        const socket = new Pair()
        socket.bind("tcp://127.0.0.1:*").catch(() => {})
        return socket[use]("inproc://other")
      })
  })

  it("on something else", () => {
    for (const library of [native, ours] as Library[]) {
      for (const method of ["send", "receive", "bind", "close"])
        expect(() => library.Pair.prototype[method].call({})).toThrow(TypeError)
    }
  })

  it("without new", async () => {
    for (const library of [native, ours] as Library[]) {
      expect(() => library.Pair()).toThrow("Class constructor Pair cannot be invoked without 'new'")
      expect(() => library.Context()).toThrow(TypeError)
    }
  })
})
