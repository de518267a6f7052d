/** zeromqjs.md 2.6: `for await`. */
import { describeError, inprocName, outcome, pairs, type Rows } from "../row.ts"

export const rows: Rows = {
  "the iterator can do no more than next(), and return()": {
    run: zmq => {
      const iterator = new zmq.Pull()[Symbol.asyncIterator]()
      return [typeof iterator.next, typeof iterator.return, typeof iterator.throw]
    },
    ours: ["function", "function", "undefined"],
  },

  "leaving the loop leaves the socket open": async zmq => {
    const { left, right } = await pairs(zmq)
    await left.send("1")
    await left.send("2")
    for await (const _ of right) break
    return [right.closed, await outcome(() => right.receive())]
  },

  "the loop ends when the socket is closed": async zmq => {
    const { left, right } = await pairs(zmq)
    const seen: string[] = []
    const loop = (async () => {
      for await (const [part] of right) {
        seen.push(String(part))
        if (seen.length === 2) right.close()
      }
      return "over"
    })()
    await left.send("1")
    await left.send("2")
    return [await loop, seen, right.closed]
  },

  "and when it is closed while the loop waits": async zmq => {
    const pull = new zmq.Pull()
    await pull.bind(inprocName())
    const loop = (async () => {
      for await (const _ of pull);
      return "over"
    })()
    await Promise.resolve()
    pull.close()
    return loop
  },

  "a timeout of an open socket is thrown": async zmq => {
    const pull = new zmq.Pull({ receiveTimeout: 1 })
    await pull.bind(inprocName())
    try {
      for await (const _ of pull);
    } catch (error) {
      return [describeError(error), pull.closed]
    }
    return "no error"
  },

  "a REQ that is closed while it may not receive throws EFSM": async zmq => {
    const request = new zmq.Request()
    const loop = (async () => {
      try {
        for await (const _ of request);
      } catch (error) {
        return describeError(error)
      }
      return "over"
    })()
    await Promise.resolve()
    request.close()
    return loop
  },

  "a second iteration at the same time": {
    run: async zmq => {
      const pull = new zmq.Pull()
      await pull.bind(inprocName())
      void pull[Symbol.asyncIterator]().next()
      return outcome(() => pull[Symbol.asyncIterator]().next())
    },
    ours: "stays pending",
  },

  "an observer's iteration that waits while the observer is closed": {
    run: async zmq => {
      const { events } = new zmq.Pull()
      const loop = (async () => {
        for await (const _ of events);
        return "over"
      })()
      await Promise.resolve()
      events.close()
      return outcome(() => loop)
    },
    ours: { resolves: "over" },
  },
}
