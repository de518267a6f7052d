import type { Connection } from "../../src/contracts/connection.ts"
import type { TransportHost } from "../../src/contracts/transport.ts"
import { givenUp } from "../common/abort.ts"
import { connectInproc } from "./link.ts"

export type Accept = (connection: Promise<Connection>) => void

/** A bind(). */
export interface Bound {
  readonly endpoint: string
  readonly host: TransportHost
  readonly accept: Accept
}

/** A connect() that waits for a bind(). */
export interface Waiting {
  readonly endpoint: string
  readonly host: TransportHost
  resolve(connection: Connection): void
}

/** The names that are known in one thread: who has bound them, and who waits for them. */
export class InprocNames {
  readonly #bound = new Map<string, Bound>()
  readonly #waiting = new Map<string, Set<Waiting>>()

  bound(name: string): Bound | undefined {
    return this.#bound.get(name)
  }

  bind(name: string, here: Bound): void {
    this.#bound.set(name, here)
    const all = this.#waiting.get(name) ?? []
    for (const dialler of [...all]) dialler.resolve(introduce(dialler.host, here))
  }

  unbind(name: string): void {
    this.#bound.delete(name)
  }

  /** The link, when the name is bound in this thread. */
  connect(name: string, host: TransportHost): Connection | undefined {
    const there = this.#bound.get(name)
    return there && introduce(host, there)
  }

  /**
   * Waits for a bind() in this thread. Whoever looks elsewhere meanwhile is told of the wait, and of its end by the
   * function that it returns.
   */
  wait(
    name: string,
    endpoint: string,
    host: TransportHost,
    look: (waiting: Waiting) => () => void = () => () => {},
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#forget(name, waiting)
        stopLooking()
        host.signal.removeEventListener("abort", abort)
      }
      const abort = () => {
        settle()
        reject(givenUp(endpoint))
      }
      const waiting: Waiting = {
        endpoint,
        host,
        resolve(connection: Connection) {
          settle()
          resolve(connection)
        },
      }
      const all = this.#waiting.get(name) ?? new Set()
      this.#waiting.set(name, all.add(waiting))
      host.signal.addEventListener("abort", abort, { once: true })
      const stopLooking = look(waiting)
    })
  }

  #forget(name: string, waiting: Waiting): void {
    const all = this.#waiting.get(name)
    all?.delete(waiting)
    if (all?.size === 0) this.#waiting.delete(name)
  }
}

/** Makes the link, and hands the one end to the bound side; returns the other. */
function introduce(dialler: TransportHost, { endpoint, host, accept }: Bound): Connection {
  const [near, far] = connectInproc(endpoint, dialler.local, host.local)
  accept(Promise.resolve(far))
  return near
}
