/** inproc in another thread, driven from this one as if it were here: so that a suite finds the ends of a link in two. */
import { MessageChannel, type Worker } from "node:worker_threads"
import type { Connection, ConnectionSink } from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"
import type { Accept, Listener, Transport, TransportHost } from "../../src/contracts/transport.ts"
import { Coupling } from "./coupling.ts"
import {
  errorOf,
  type Face,
  type FarCommands,
  type Introduction,
  type NearEvents,
  type PlainError,
  plainOf,
} from "./far-faces.ts"
import { startWorker } from "./start-worker.ts"

/** A dial() or listen(). */
interface Request<T> {
  readonly host: TransportHost
  resolve(value: T): void
  reject(error: Error): void
  accept?: Accept
}

/** The functions of a transport that go to the other thread. */
export class FarTransport {
  readonly #worker: Worker
  readonly #far: Coupling<NearEvents, FarCommands>
  readonly #dials = new Map<number, Request<Connection>>()
  readonly #listens = new Map<number, Request<Listener>>()
  readonly #unlistens = new Map<number, () => void>()
  readonly #sinks = new Map<number, ConnectionSink>()
  #lastId = 0

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const bells = new Int32Array(new SharedArrayBuffer(8))
    this.#far = new Coupling<NearEvents, FarCommands>({ port: port1, side: "leads", bells }, this.#events())
    this.#worker = startWorker(new URL("far-side.ts", import.meta.url), {
      workerData: { port: port2, side: "follows", bells },
      transferList: [port2],
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  dial: Transport["dial"] = (address, host) => {
    return new Promise((resolve, reject) => {
      const id = this.#begin(this.#dials, { host, resolve, reject })
      this.#far.call("dial", id, address, introductionOf(host))
      this.#abortWith(host.signal, id)
    })
  }

  listen: Transport["listen"] = (address, host, accept) => {
    return new Promise((resolve, reject) => {
      const id = this.#begin(this.#listens, { host, resolve, reject, accept })
      this.#far.call("listen", id, address, introductionOf(host))
      this.#abortWith(host.signal, id)
    })
  }

  #begin<T>(requests: Map<number, Request<T>>, request: Request<T>): number {
    const id = ++this.#lastId
    requests.set(id, request)
    return id
  }

  #abortWith(signal: AbortSignal, id: number): void {
    signal.addEventListener("abort", () => this.#far.call("abort", id))
  }

  #events(): NearEvents {
    return {
      dialled: (id, face) => this.#dials.get(id)?.resolve(this.#connection(face)),
      notDialled: (id, error) => this.#dials.get(id)?.reject(errorOf(error)),
      listening: (id, endpoint) =>
        this.#listens.get(id)?.resolve({ endpoint, close: () => this.#unlisten(id) }),
      notListening: (id, error) => this.#listens.get(id)?.reject(errorOf(error)),
      unlistened: id => this.#unlistens.get(id)?.(),
      accepted: (id, face) => this.#listens.get(id)?.accept?.(this.#connection(face)),
      reported: (id, event) => (this.#listens.get(id) ?? this.#dials.get(id))?.host.report(event),
      message: (id, message) => this.#sinks.get(id)?.message(message),
      control: (id, control) => this.#sinks.get(id)?.control(control),
      drain: id => this.#sinks.get(id)?.drain(),
      closed: (id, error, unread) => {
        const left = [...unread]
        this.#sinks.get(id)?.closed(error && errorOf(error), { bytes: 0, next: () => left.shift() })
      },
    }
  }

  #unlisten(id: number): Promise<void> {
    return new Promise(resolve => {
      const before = this.#unlistens.get(id)
      this.#unlistens.set(id, () => {
        before?.()
        resolve()
      })
      this.#far.call("unlisten", id)
    })
  }

  #connection({ id, ...face }: Face): Connection {
    const far = this.#far
    return {
      ...face,
      open: sink => {
        this.#sinks.set(id, sink)
        far.call("open", id)
      },
      send: (message: Message) => far.call("send", id, message),
      control: (control: Control) => far.call("control", id, control),
      pause: () => far.call("pause", id),
      resume: () => far.call("resume", id),
      end: () => far.call("end", id),
      destroy: error => far.call("destroy", id, error && plainOf(error)),
    }
  }
}

function introductionOf(host: TransportHost): Introduction {
  const { local, options, signal } = host
  return { local, options, aborted: signal.aborted, refusal: refusalOf(host) }
}

function refusalOf(host: TransportHost): PlainError | undefined {
  try {
    host.welcome(host.local)
    return undefined
  } catch (error) {
    return plainOf(error as Error)
  }
}
