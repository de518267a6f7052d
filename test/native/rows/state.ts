/** zeromqjs.md 2.1 and 2.2: what a socket refuses, when, and whether it throws or rejects. */
import { inprocName, outcome, outcomes, pairs, type Rows, warningsOf } from "../row.ts"

const settled = (promise: Promise<unknown>) => promise.then(() => {})

export const rows: Rows = {
  "a closed socket throws EBADF from all that it does": async zmq => {
    const socket = new zmq.Pair()
    socket.close()
    return outcomes({
      send: () => socket.send("x"),
      receive: () => socket.receive(),
      bind: () => socket.bind(inprocName()),
      unbind: () => socket.unbind("inproc://a"),
      connect: () => socket.connect(inprocName()),
      disconnect: () => socket.disconnect("inproc://a"),
      "send without a message": () => Reflect.apply(socket.send, socket, []),
      "bind without an address": () => Reflect.apply(socket.bind, socket, []),
    })
  },

  "closing a closed socket does nothing": async zmq => {
    const socket = new zmq.Pair()
    return outcomes({ close: () => socket.close(), again: () => socket.close(), closed: () => socket.closed })
  },

  "options, events and topics of a closed socket are ENOTSOCK": async zmq => {
    const socket = new zmq.Pair()
    const subscriber = new zmq.Subscriber()
    socket.close()
    subscriber.close()
    return outcomes({
      get: () => socket.linger,
      set: () => {
        socket.linger = 1
      },
      type: () => socket.type,
      lastEndpoint: () => socket.lastEndpoint,
      events: () => socket.events,
      subscribe: () => subscriber.subscribe("a"),
      unsubscribe: () => subscriber.unsubscribe("a"),
      context: () => socket.context,
    })
  },

  "a closed socket is neither readable nor writable, and its iteration is over": async zmq => {
    const { left, right } = await pairs(zmq)
    await right.send("unread")
    while (!left.readable) await new Promise(resolve => setImmediate(resolve))
    const before = [left.readable, left.writable]
    left.close()
    const { done } = await left[Symbol.asyncIterator]().next()
    return [before, left.readable, left.writable, done]
  },

  "the observer held from before close() tells of the end": async zmq => {
    const socket = new zmq.Pair()
    const { events } = socket
    socket.close()
    return [await events.receive(), events.closed, await outcome(() => events.receive())]
  },

  "during bind() all that moves throws EBUSY": async zmq => {
    const socket = new zmq.Pair()
    const binding = socket.bind("tcp://127.0.0.1:*")
    const results = await Promise.all(
      [
        () => socket.send("x"),
        () => socket.receive(),
        () => socket.bind(inprocName()),
        () => socket.unbind("inproc://a"),
        () => socket.connect(inprocName()),
        () => socket.disconnect("inproc://a"),
        () => socket[Symbol.asyncIterator]().next(),
      ].map(outcome),
    )
    await binding
    return results
  },

  "during unbind() all that moves throws EBUSY": async zmq => {
    const socket = new zmq.Pair()
    await socket.bind("tcp://127.0.0.1:*")
    const unbinding = socket.unbind(socket.lastEndpoint as string)
    const results = await Promise.all(
      [() => socket.send("x"), () => socket.receive(), () => socket.connect(inprocName())].map(outcome),
    )
    await unbinding
    return results
  },

  "close() during an unbind() that fails waits for that failure": async zmq => {
    const socket = new zmq.Pair()
    const unbinding = outcome(() => socket.unbind("tcp://127.0.0.1:1"))
    socket.close()
    const meanwhile = socket.closed
    return [meanwhile, await unbinding, socket.closed]
  },

  "during bind() options can be read, and set with a warning where they take effect later": async zmq => {
    const socket = new zmq.Pair()
    const binding = socket.bind("tcp://127.0.0.1:*")
    const read = socket.backlog
    const warnings = [
      warningsOf(() => {
        socket.backlog = 7
      }),
      warningsOf(() => {
        socket.linger = 7
      }),
    ]
    await binding
    return [read, socket.backlog, socket.linger, warnings]
  },

  "an option that takes effect at the next bind or connect warns once there was one": async zmq => {
    const socket = new zmq.Pair()
    const set = () => {
      socket.backlog = 7
    }
    const before = warningsOf(set)
    socket.connect(inprocName())
    return [before, warningsOf(set)]
  },

  "close() during bind() waits for it": async zmq => {
    const socket = new zmq.Pair()
    const binding = socket.bind("tcp://127.0.0.1:*")
    socket.close()
    const during = socket.closed
    await binding
    return [during, socket.closed]
  },

  "close() during a bind() that fails waits for it, too": async zmq => {
    const rival = new zmq.Pair()
    await rival.bind("tcp://127.0.0.1:*")
    const socket = new zmq.Pair()
    const binding = socket.bind(rival.lastEndpoint as string)
    socket.close()
    const during = socket.closed
    const code = await binding.catch(error => error.code)
    return [during, code, socket.closed]
  },

  "a second send() while one is pending": {
    run: async zmq => {
      const socket = new zmq.Push()
      void settled(socket.send("1")).catch(() => {})
      return outcome(() => socket.send("2"))
    },
    ours: "stays pending",
  },

  "a second receive() while one is pending": {
    run: async zmq => {
      const socket = new zmq.Pull()
      void settled(socket.receive()).catch(() => {})
      return outcome(() => socket.receive())
    },
    ours: "stays pending",
  },

  "one pending send() and one pending receive() go together": async zmq => {
    const socket = new zmq.Pair()
    const sending = socket.send("1").catch(() => {})
    const receiving = outcome(() => socket.receive())
    const result = await receiving
    socket.close()
    await sending
    return result
  },

  "argument errors are thrown, not rejected": async zmq => {
    const socket = new zmq.Pair()
    const call = (name: "send" | "receive" | "bind" | "connect" | "close", ...args: unknown[]) => {
      return () => Reflect.apply(socket[name], socket, args)
    }
    return outcomes({
      "no message": call("send"),
      "undefined message": call("send", undefined),
      "two messages": call("send", "a", "b"),
      "receive with a number": call("receive", 1),
      "close with an argument": call("close", 1),
      "bind two": call("bind", "inproc://a", "inproc://b"),
      "bind a number": call("bind", 1),
      "connect a number": call("connect", 1),
      "connect nothing": call("connect"),
    })
  },

  "results of bind() and unbind() reject": async zmq => {
    const socket = new zmq.Pair()
    return outcomes({
      bind: () => socket.bind("foo://bar"),
      unbind: () => socket.unbind("inproc://unknown"),
    })
  },

  "connect() and disconnect() throw": async zmq => {
    const socket = new zmq.Pair()
    return outcomes({
      connect: () => socket.connect("foo://bar"),
      disconnect: () => socket.disconnect("inproc://unknown"),
    })
  },

  "methods want their own socket": async zmq => {
    const { send, close } = zmq.Pair.prototype
    return outcomes({ send: () => Reflect.apply(send, {}, ["x"]), close: () => Reflect.apply(close, {}, []) })
  },
}
