/** The native package's texts for wrong arguments, word by word (zeromqjs.md 1.2); people match on them. */

import { describe, expect, it } from "vitest"
import zmq, * as named from "zeromq-ts"
import { Context, Dealer, Proxy as Forwarder, Observer, Socket, Subscriber } from "../../src/index.ts"
import { open } from "../support/open.ts"

// biome-ignore lint/suspicious/noExplicitAny: what no type allows is what is tested
const loose = (value: unknown): any => value

const dealer = () => loose(open(new Dealer()))
const make = (type: unknown, ...more: unknown[]) => new (loose(Socket))(type, ...more)

describe("TypeError", () => {
  it.each<[string, () => unknown]>([
    ["Socket type must be a number", () => make("5")],
    ["Socket type must be a number", () => make(undefined)],
    ["Socket type must be a number", () => make("5", null, 1)],
    ["Options must be an object", () => make(5, null)],
    ["Options must be an object", () => make(5, 1)],
    ["Options must be an object", () => new Dealer(loose(null))],
    ["Options must be an object", () => new Context(loose(null))],
    ["Options must be an object", () => new (loose(Context))("x", 1)],
    ["Expected 2 arguments but received 3", () => make(5, {}, 1)],
    ["Expected 1 argument but received 2", () => new (loose(Context))({}, 1)],
    ["Address must be a string", () => dealer().bind()],
    ["Address must be a string", () => dealer().bind(1, 2)],
    ["Address must be a string", () => dealer().unbind(null)],
    ["Address must be a string", () => dealer().bindSync(1)],
    ["Address must be a string", () => dealer().unbindSync(1)],
    ["Address must be a string", () => dealer().connect(1)],
    ["Address must be a string", () => dealer().disconnect(1)],
    ["Expected 1 argument but received 2", () => dealer().bind("a", "b")],
    ["Expected 1 argument but received 2", () => dealer().bindSync("a", "b")],
    ["Expected 1 argument but received 2", () => dealer().unbindSync("a", "b")],
    ["Expected 1 argument but received 2", () => dealer().connect("a", {})],
    ["Expected 0 arguments but received 1", () => dealer().close(1)],
    ["Message must be present", () => dealer().send()],
    ["Message must be present", () => dealer().send(undefined)],
    ["Expected 1 argument but received 2", () => dealer().send("a", "b")],
    ["Expected 0 arguments but received 1", () => dealer().receive(1)],
    ["Socket must be a socket object", () => new (loose(Observer))()],
    ["Socket must be a socket object", () => new (loose(Observer))(1)],
    ["Expected 1 argument but received 2", () => new (loose(Observer))(dealer(), 1)],
    ["Expected 0 arguments but received 1", () => dealer().events.close(1)],
    ["Front-end must be a socket object", () => new (loose(Forwarder))()],
    ["Back-end must be a socket object", () => new (loose(Forwarder))(dealer())],
    ["Expected 2 arguments but received 3", () => new (loose(Forwarder))(dealer(), dealer(), 1)],
    ["Option value must be a boolean", () => Object.assign(dealer(), { immediate: 1 })],
    ["Option value must be a number", () => Object.assign(dealer(), { linger: "1" })],
    ["Option value must be a string or buffer", () => Object.assign(dealer(), { routingId: 1 })],
    ["Identifier must be a number", () => dealer().getInt32Option()],
    ["Identifier must be a number", () => dealer().setInt32Option("17", 1, 2)],
    ["Option value must be a boolean", () => dealer().setBoolOption(39, 1)],
    ["Option value must be a number", () => dealer().setInt32Option(17)],
    ["Option value must be a string or buffer", () => dealer().setStringOption(5)],
    ["Expected 1 argument but received 2", () => dealer().getInt32Option(17, 1)],
    ["Expected 2 arguments but received 3", () => dealer().setInt32Option(17, 1, 2)],
    ["Identifier must be a number", () => loose(new Context()).getInt32Option("x")],
    ["Option value must be a boolean", () => loose(new Context()).setBoolOption(70, 1)],
    [
      "Cannot set property securityMechanism of #<Socket> which has only a getter",
      () => Object.assign(dealer(), { securityMechanism: null }),
    ],
    [
      "Cannot set property securityMechanism of #<Socket> which has only a getter",
      () => new Dealer(loose({ securityMechanism: null })),
    ],
    [
      "Cannot set property closed of #<Socket> which has only a getter",
      () => new Dealer(loose({ closed: true })),
    ],
    [
      "Cannot set property maxSocketsLimit of #<Context> which has only a getter",
      () => new Context(loose({ maxSocketsLimit: 1 })),
    ],
    [
      "Cannot set property maxSocketsLimit of #<Context> which has only a getter",
      () => Object.assign(new Context(), { maxSocketsLimit: 1 }),
    ],
    [
      "Cannot add property doesNotExist, object is not extensible",
      () => new Dealer(loose({ doesNotExist: 1 })),
    ],
    [
      "Cannot add property doesNotExist, object is not extensible",
      () => new Context(loose({ doesNotExist: 1 })),
    ],
    ["Cannot add property mandatory, object is not extensible", () => new Dealer(loose({ mandatory: true }))],
    ["Class constructor Dealer cannot be invoked without 'new'", () => loose(Dealer)()],
    // (The native package's own base classes say it without a name.)
    ["Class constructor Socket cannot be invoked without 'new'", () => loose(Socket)(5)],
    ["Class constructor Context cannot be invoked without 'new'", () => loose(Context)()],
    ["Illegal invocation", () => Socket.prototype.close.call(loose({}))],
    ["Illegal invocation", () => Socket.prototype.bind.call(loose({}), "inproc://a")],
    ["Illegal invocation", () => Socket.prototype.connect.call(loose(undefined), "inproc://a")],
    ["Illegal invocation", () => loose(Socket.prototype).send.call({}, "a")],
    ["Illegal invocation", () => Socket.prototype.getInt32Option.call(loose({}), 17)],
    ["Illegal invocation", () => Context.prototype.getInt32Option.call(loose({}), 1)],
    ["Illegal invocation", () => Socket.prototype.linger],
  ])("%s", (message, task) => {
    expect(task).toThrow(new TypeError(message))
  })
})

it.each([
  ["a context", () => new Dealer({ context: loose({}) })],
  ["a context", () => new Dealer({ context: loose(null) })],
  ["a context", () => make(5, { context: {} })],
  ["a socket to observe", () => new Observer(loose({}))],
  ["a socket to forward", () => new Forwarder(loose({}), loose({}))],
])("what is not %s is an Error: Invalid argument, without a code", (_, task) => {
  expect(task).toThrow("Invalid argument")
  expect(task).not.toThrow(expect.objectContaining({ code: expect.anything() }))
})

describe("new Socket(number)", () => {
  it("makes a socket of the type", () => {
    const socket: Socket = open(make(5))
    expect(socket).toBeInstanceOf(Socket)
    expect([socket.type, socket.linger, socket.writable]).toEqual([5, -1, false])
    expect(open(make(2, { linger: 7 })).linger).toBe(7)
  })

  it.each([99, -1, 5.5, 12])("%d is EINVAL", type => {
    expect(() => make(type)).toThrow(expect.objectContaining({ code: "EINVAL", message: "Invalid argument" }))
  })
})

describe("options in a constructor", () => {
  it("are assigned in order, a subclass's setters included, and left as they were", () => {
    const order: unknown[] = []
    class Mine extends Dealer {
      set own(value: number) {
        order.push(value, this.linger)
      }
    }
    const options = { context: new Context(), own: 1, linger: 3 }
    open(new Mine(loose(options)))
    expect(order).toEqual([1, -1])
    expect(Object.keys(options)).toEqual(["context", "own", "linger"])
  })
})

describe("options that would only pretend safety", () => {
  it.each([{ gssapiServer: true }, { gssapiPrincipalNameType: "userName" }])(
    "%j throws ENOTSUP, and what says that it is off is taken",
    options => {
      expect(() => new Dealer(loose(options))).toThrow(
        expect.objectContaining({ code: "ENOTSUP", reason: expect.stringContaining("security mechanism") }),
      )
      const socket = open(new Dealer({ plainServer: false, plainUsername: null, curveServer: false }))
      expect(() => Object.assign(socket, options)).toThrow(expect.objectContaining({ code: "ENOTSUP" }))
      expect(socket.securityMechanism).toBeNull()
    },
  )
})

describe("options by number", () => {
  it("6 and 7 subscribe and unsubscribe a SUB, and are EINVAL for a DEALER", () => {
    const sub = open(new Subscriber())
    sub.setStringOption(6, "a")
    sub.setStringOption(6, null)
    sub.setStringOption(7, "a")
    for (const number of [6, 7])
      expect(() => dealer().setStringOption(number, "a")).toThrow(expect.objectContaining({ code: "EINVAL" }))
  })

  it("15 tells what is readable and writable", async () => {
    const one = open(new Dealer({ routingId: "one" }))
    const two = open(new Dealer())
    one.bindSync("inproc://events-by-number")
    expect(one.getInt32Option(15)).toBe(0)
    two.connect("inproc://events-by-number")
    expect(two.getInt32Option(15)).toBe(2)
    await two.send("x")
    await one.receive()
    expect(one.getInt32Option(15)).toBe(2)
  })

  it("are kept where the type has no such property, and do nothing", () => {
    const socket = dealer()
    socket.setBoolOption(74, true)
    expect([socket.getBoolOption(74), socket.invertMatching]).toEqual([true, undefined])
  })
})

describe("observers", () => {
  it("a socket may have several, and each ends with it", async () => {
    const socket = open(new Dealer())
    const observers = [new Observer(socket), new Observer(socket), socket.events]
    expect(socket.events).toBe(observers[2])
    expect(socket.events).toBeInstanceOf(Observer)
    socket.bindSync("tcp://127.0.0.1:*")
    for (const observer of observers) expect(await observer.receive()).toMatchObject({ type: "bind" })
    observers[0]?.close()
    socket.close()
    for (const observer of observers.slice(1)) {
      expect(await observer.receive()).toMatchObject({ type: "close" })
      expect(await observer.receive()).toEqual({ type: "end" })
    }
  })

  it("of a closed socket is ENOTSOCK", () => {
    const socket = new Dealer()
    socket.close()
    expect(() => new Observer(socket)).toThrow(expect.objectContaining({ code: "ENOTSOCK" }))
  })
})

it("the default import is the whole namespace", () => {
  const { default: all, ...rest } = named
  expect({ ...all }).toEqual(rest)
  expect(zmq).toBe(all)
})
