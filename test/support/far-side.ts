/** The other side of far-transport.ts: the library's inproc, in a worker that does what it is told. */
import { workerData } from "node:worker_threads"
import type { Connection, UnreadMessages } from "../../src/contracts/connection.ts"
import type { Message } from "../../src/contracts/message.ts"
import type { Listener, TransportHost } from "../../src/contracts/transport.ts"
import { inproc } from "../../transports/inproc.ts"
import { Coupling, type CouplingParts } from "./coupling.ts"
import {
  errorOf,
  type Face,
  type FarCommands,
  type Introduction,
  type NearEvents,
  plainOf,
} from "./far-faces.ts"

const transport = inproc({ shared: "" })
const aborts = new Map<number, AbortController>()
const listeners = new Map<number, Listener>()
const connections: Connection[] = []

const commands: FarCommands = {
  dial(id, address, host) {
    transport.dial(address, hostOf(id, host)).then(
      connection => near.call("dialled", id, faceOf(connection)),
      error => near.call("notDialled", id, plainOf(error)),
    )
  },
  listen(id, address, host) {
    const accept = (incoming: Connection | Promise<Connection>) =>
      void Promise.resolve(incoming).then(connection => near.call("accepted", id, faceOf(connection)))
    transport.listen(address, hostOf(id, host), accept).then(
      listener => {
        listeners.set(id, listener)
        near.call("listening", id, listener.endpoint)
      },
      error => near.call("notListening", id, plainOf(error)),
    )
  },
  abort: id => aborts.get(id)?.abort(),
  unlisten: id =>
    void listeners
      .get(id)
      ?.close()
      .then(() => near.call("unlistened", id)),
  open: id =>
    get(id).open({
      message: message => near.call("message", id, message),
      control: control => near.call("control", id, control),
      drain: () => near.call("drain", id),
      closed: (error, unread) => near.call("closed", id, error && plainOf(error), all(unread)),
    }),
  send: (id, message) => get(id).send(message),
  control: (id, control) => get(id).control(control),
  pause: id => get(id).pause(),
  resume: id => get(id).resume(),
  end: id => get(id).end(),
  destroy: (id, error) => get(id).destroy(error && errorOf(error)),
}

function all(unread: UnreadMessages | undefined): Message[] {
  const messages: Message[] = []
  for (let message = unread?.next(); message !== undefined; message = unread?.next()) messages.push(message)
  return messages
}

const near = new Coupling<FarCommands, NearEvents>(workerData as CouplingParts, commands)

function get(id: number): Connection {
  return connections[id] as Connection
}

function hostOf(id: number, { local, options, aborted, refusal }: Introduction): TransportHost {
  const abort = new AbortController()
  aborts.set(id, abort)
  if (aborted) abort.abort()
  return {
    local,
    options,
    signal: abort.signal,
    report: event => near.call("reported", id, event),
    upgrade: () => Promise.reject(new Error("inproc carries messages")),
    welcome: () => {
      if (refusal !== undefined) throw errorOf(refusal)
    },
  }
}

function faceOf(connection: Connection): Face {
  const { peer, local, remote } = connection
  return { id: connections.push(connection) - 1, peer, local, remote }
}
