/** zeromqjs.md 2.3: how send() and receive() go about it. */
import { inprocName, outcome, outcomes, pairs, type Rows, room } from "../row.ts"

const turn = () => new Promise(resolve => setImmediate(resolve))

export const rows: Rows = {
  "with a timeout of 0 it is now or EAGAIN": async zmq => {
    const pair = new zmq.Pair({ sendTimeout: 0, receiveTimeout: 0 })
    return outcomes({ send: () => pair.send("x"), receive: () => pair.receive() })
  },

  "after a timeout the operation is tried once more, and its own error is the result": async zmq => {
    const timeouts = { sendTimeout: 1, receiveTimeout: 1 }
    const [pair, request, reply] = [
      new zmq.Pair(timeouts),
      new zmq.Request(timeouts),
      new zmq.Reply(timeouts),
    ]
    return outcomes({
      "pair.send": () => pair.send("x"),
      "pair.receive": () => pair.receive(),
      "request.send": () => request.send("x"),
      "request.receive out of turn": () => request.receive(),
      "reply.receive": () => reply.receive(),
      "reply.send out of turn": () => reply.send("x"),
    })
  },

  "close() ends what is pending in the same way": async zmq => {
    const ended = async (socket: InstanceType<typeof zmq.Pair>, name: "send" | "receive") => {
      const operation = name === "send" ? socket.send("x") : socket.receive()
      socket.close()
      return outcome(() => operation)
    }
    type Any = InstanceType<typeof zmq.Pair>
    return {
      "pair.send": await ended(new zmq.Pair(), "send"),
      "pair.receive": await ended(new zmq.Pair(), "receive"),
      "request.receive": await ended(new zmq.Request() as unknown as Any, "receive"),
      "reply.send": await ended(new zmq.Reply() as unknown as Any, "send"),
      "publisher.receive": await ended(new zmq.Publisher() as unknown as Any, "receive"),
      "pull.send": await ended(new zmq.Pull() as unknown as Any, "send"),
      "push.receive": await ended(new zmq.Push() as unknown as Any, "receive"),
      "subscriber.send": await ended(new zmq.Subscriber() as unknown as Any, "send"),
    }
  },

  "close() settles the receive() first, then the send(), in the next microtask": async zmq => {
    const pair = new zmq.Pair()
    const log: string[] = []
    pair.send("x").catch(() => log.push("send"))
    pair.receive().catch(() => log.push("receive"))
    pair.close()
    log.push("closed")
    await Promise.resolve()
    log.push("microtask")
    await turn()
    return log
  },

  "what can never be done stays pending without a timeout": async zmq => {
    type Any = InstanceType<typeof zmq.Pair>
    return outcomes({
      "request.receive": () => new zmq.Request().receive(),
      "reply.send": () => new zmq.Reply().send("x"),
      "subscriber.send": () => (new zmq.Subscriber() as unknown as Any).send("x"),
      "pull.send": () => (new zmq.Pull() as unknown as Any).send("x"),
      "publisher.receive": () => (new zmq.Publisher() as unknown as Any).receive(),
      "push.receive": () => (new zmq.Push() as unknown as Any).receive(),
    })
  },

  "a request after a request": async zmq => {
    const request = new zmq.Request({ sendTimeout: 2 })
    const reply = new zmq.Reply()
    const endpoint = inprocName()
    await reply.bind(endpoint)
    request.connect(endpoint)
    const before = request.writable
    await request.send("1")
    return [before, request.writable, await outcome(() => request.send("2"))]
  },

  "timeouts are read at the call": async zmq => {
    const pull = new zmq.Pull({ receiveTimeout: 5 })
    const receiving = pull.receive()
    pull.receiveTimeout = -1
    const result = await outcome(() => receiving)
    return [result, await outcome(() => pull.receive())]
  },

  "the 514th send() at once, though nothing is full": {
    run: async zmq => {
      const pair = new zmq.Pair({ sendHighWaterMark: 0 })
      pair.connect(inprocName())
      const sent: Promise<void>[] = []
      try {
        for (let n = 0; n < 600; n++) sent.push(pair.send(String(n)))
      } catch (error) {
        return [sent.length, (error as { code: string }).code]
      }
      await Promise.all(sent)
      return [sent.length]
    },
    ours: [600],
  },

  "of operations that are possible at once, some 512 settle before timers and input have their turn":
    async zmq => {
      /** How many can be awaited before the event loop comes round, at most. */
      const mostInOneTurn = async (operation: () => Promise<unknown>) => {
        let most = 0
        for (let left = 4000; left > 0; ) {
          let over = false
          let count = 0
          setImmediate(() => {
            over = true
          })
          for (; !over && left > 0; count++, left--) await operation()
          most = Math.max(most, count)
        }
        return most
      }
      const push = new zmq.Push({ sendHighWaterMark: 0 })
      const pull = new zmq.Pull({ receiveHighWaterMark: 0 })
      const endpoint = inprocName()
      await pull.bind(endpoint)
      push.connect(endpoint)
      const sends = await mostInOneTurn(() => push.send("x"))
      const receives = await mostInOneTurn(() => pull.receive())
      // The native package's first turn may have two of its own.
      return [sends > 300 && sends < 1100, receives < 1100]
    },

  "an empty array sends nothing": async zmq => {
    const { left, right } = await pairs(zmq)
    const result = await outcome(() => left.send([]))
    await left.send("next")
    return [result, await outcome(() => right.receive())]
  },

  "an array within an array becomes text": async zmq => {
    const { left, right } = await pairs(zmq)
    await left.send(["a", ["b", "c"]] as unknown as string[])
    return outcome(() => right.receive())
  },

  "high-water marks count whole messages: 10 before a connection, 10 + 10 over inproc": async zmq => {
    const unconnected = new zmq.Push({ sendHighWaterMark: 10, sendTimeout: 0 })
    unconnected.connect("tcp://127.0.0.1:1")
    const endpoint = inprocName()
    const pull = new zmq.Pull({ receiveHighWaterMark: 10 })
    await pull.bind(endpoint)
    const connected = new zmq.Push({ sendHighWaterMark: 10, sendTimeout: 0 })
    connected.connect(endpoint)
    const early = new zmq.Push({ sendHighWaterMark: 10, sendTimeout: 0 })
    early.connect(inprocName())
    return { unconnected: await room(unconnected), inproc: await room(connected), early: await room(early) }
  },

  "in a tight loop over tcp the high-water mark counts what the operating system has taken, too": {
    run: async zmq => {
      const pull = new zmq.Pull({ receiveHighWaterMark: 5 })
      await pull.bind("tcp://127.0.0.1:*")
      const push = new zmq.Push({ sendHighWaterMark: 5, sendTimeout: 0, immediate: true })
      push.connect(pull.lastEndpoint as string)
      while (!push.writable) await new Promise(resolve => setImmediate(resolve))
      return (await room(push, 1000)) < 1000
    },
    ours: false,
  },

  "at a high-water mark of 1 the second message waits until sendTimeout": async zmq => {
    const push = new zmq.Push({ sendHighWaterMark: 1, sendTimeout: 2 })
    push.connect("tcp://127.0.0.1:1")
    return outcomes({ first: () => push.send("1"), second: () => push.send("2") })
  },
}
