/** zeromqjs.md 1.6: the observer itself. What it observes is compared in test/interop/events.test.ts. */
import { inprocName, outcome, outcomes, type Rows } from "../row.ts"

const turn = () => new Promise(resolve => setImmediate(resolve))

export const rows: Rows = {
  "is the same at each access": zmq => {
    const socket = new zmq.Pull()
    const { events } = socket
    return [events === socket.events, events.constructor === zmq.Observer]
  },

  "can be made of a socket, and of nothing else": async zmq => {
    const make = (...args: unknown[]) => {
      return () => Reflect.construct(zmq.Observer, args)
    }
    const closed = new zmq.Pull()
    closed.close()
    return outcomes({
      nothing: make(),
      null: make(null),
      object: make({}),
      more: make(new zmq.Pull(), 1),
      closed: make(closed),
      socket: make(new zmq.Pull()),
    })
  },

  "made of a socket it hears what happens from then on": async zmq => {
    const socket = new zmq.Pull()
    const observer = new zmq.Observer(socket)
    socket.close()
    return [await observer.receive(), observer.closed]
  },

  "methods take no more arguments than they have": async zmq => {
    const { events } = new zmq.Pull()
    const call = (name: "receive" | "close") => {
      return () => Reflect.apply(events[name], events, [1])
    }
    return outcomes({ receive: call("receive"), close: call("close") })
  },

  "one receive() at a time": async zmq => {
    const { events } = new zmq.Pull()
    const first = outcome(() => events.receive())
    const second = await outcome(() => events.receive())
    return [second, await first]
  },

  "close() rejects a pending receive(), and ends it": async zmq => {
    const { events } = new zmq.Pull()
    const receiving = outcome(() => events.receive())
    events.close()
    return [
      await receiving,
      events.closed,
      await outcome(() => events.receive()),
      await outcome(() => events.close()),
    ]
  },

  "on() and off() turn reading off, for good": async zmq => {
    const { events } = new zmq.Pull()
    const listener = () => {}
    const emitters = [events.on("bind", listener), events.off("bind", listener)].map(
      emitter => emitter.constructor.name,
    )
    return [
      emitters,
      await outcome(() => events.receive()),
      await outcome(() => events[Symbol.asyncIterator]().next()),
      events.closed,
    ]
  },

  "listeners hear each event of their type, and the end": async zmq => {
    const socket = new zmq.Pull()
    const heard: unknown[] = []
    const ended = new Promise(resolve => socket.events.on("end", resolve))
    for (const type of ["bind", "close", "end"] as const) socket.events.on(type, event => heard.push(event))
    const { events } = socket
    await socket.bind("tcp://127.0.0.1:46123").catch(() => {})
    socket.close()
    await ended
    await turn()
    return [heard, events.closed]
  },

  "iteration ends after the end": async zmq => {
    const socket = new zmq.Pull()
    const seen: unknown[] = []
    const loop = (async () => {
      for await (const event of socket.events) seen.push(event)
    })()
    await socket.bind(inprocName())
    socket.close()
    await loop
    return seen
  },
}
