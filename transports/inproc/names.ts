import type { Connection } from "../../src/contracts/connection.ts"
import type { Accept, TransportHost } from "../../src/contracts/transport.ts"
import { givenUp } from "../common/abort.ts"
import { connectInproc } from "./link.ts"

/** This is a bind() that holds a name. */
export interface Bound {
  readonly endpoint: string
  readonly host: TransportHost
  readonly accept: Accept
}

/** This is a connect() that waits for a bind(). */
export interface Waiting {
  readonly endpoint: string
  readonly host: TransportHost
  resolve(connection: Connection): void
  reject(error: unknown): void
}

/** This class knows the names of one thread: which are bound, and which a connect() waits for. */
export class InprocNames {
  readonly #bound = new Map<string, Bound>()
  readonly #waiting = new Map<string, Set<Waiting>>()

  bound(name: string): Bound | undefined {
    return this.#bound.get(name)
  }

  bind(name: string, here: Bound): void {
    this.#bound.set(name, here)
    const all = this.#waiting.get(name) ?? []
    for (const dialler of [...all]) answer(dialler, here)
  }

  unbind(name: string): void {
    this.#bound.delete(name)
  }

  /** Returns a link when the name is bound in this thread. Throws when one socket refuses the other. */
  connect(name: string, host: TransportHost): Connection | undefined {
    const there = this.#bound.get(name)
    return there && introduce(host, there)
  }

  /**
   * Waits for a bind() in this thread.
   * @param look is called with the wait, so that it may look in other threads; it returns a function that ends its search
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
      const abort = () => waiting.reject(givenUp(endpoint))
      const waiting: Waiting = {
        endpoint,
        host,
        resolve(connection: Connection) {
          settle()
          resolve(connection)
        },
        reject(error: unknown) {
          settle()
          reject(error)
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

function answer(dialler: Waiting, here: Bound): void {
  let link: Connection
  try {
    link = introduce(dialler.host, here)
  } catch (error) {
    dialler.reject(error)
    return
  }
  dialler.resolve(link)
}

/** Makes a link, hands one end to the bound side, and returns the other. Throws when one socket refuses the other. */
function introduce(dialler: TransportHost, { endpoint, host, accept }: Bound): Connection {
  dialler.welcome(host.local)
  host.welcome(dialler.local)
  const [near, far] = connectInproc(endpoint, dialler.local, host.local)
  accept(far)
  return near
}
