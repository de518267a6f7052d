/** zeromqjs.md 2.5: what `readable` and `writable` say. */
import { inprocName, pairs, type Rows } from "../row.ts"

const turn = () => new Promise(resolve => setImmediate(resolve))

export const rows: Rows = {
  "writable before there is anybody": zmq => ({
    pair: new zmq.Pair().writable,
    publisher: new zmq.Publisher().writable,
    subscriber: new zmq.Subscriber().writable,
    request: new zmq.Request().writable,
    reply: new zmq.Reply().writable,
    dealer: new zmq.Dealer().writable,
    router: new zmq.Router().writable,
    "mandatory router": new zmq.Router({ mandatory: true }).writable,
    pull: new zmq.Pull().writable,
    push: new zmq.Push().writable,
  }),

  "writable right after connect(), though nobody is there": zmq =>
    [new zmq.Pair(), new zmq.Dealer(), new zmq.Request(), new zmq.Push()].map(socket => {
      socket.connect("tcp://127.0.0.1:1")
      return socket.writable
    }),

  "with immediate only once connected": async zmq => {
    const pull = new zmq.Pull()
    await pull.bind("tcp://127.0.0.1:*")
    const push = new zmq.Push({ immediate: true })
    const early = new zmq.Push({ immediate: true })
    early.connect("tcp://127.0.0.1:1")
    push.connect(pull.lastEndpoint as string)
    while (!push.writable) await turn()
    return [early.writable, push.writable]
  },

  "readable once a message is there, until it is read": async zmq => {
    const { left, right } = await pairs(zmq)
    const before = right.readable
    await left.send("x")
    while (!right.readable) await turn()
    await right.receive()
    return [before, right.readable]
  },

  "not writable at the high-water mark": async zmq => {
    const push = new zmq.Push({ sendHighWaterMark: 2 })
    push.connect(inprocName())
    const seen = [push.writable]
    for (const text of ["1", "2"]) {
      await push.send(text)
      seen.push(push.writable)
    }
    return seen
  },
}
