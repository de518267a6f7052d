import { ZmqError } from "../../src/base/errors.ts"
import type { Connection, RemotePeer } from "../../src/contracts/connection.ts"
import type { Listener, Transport, TransportHost } from "../../src/contracts/transport.ts"
import { FakeConnection } from "./fake-connection.ts"

/** One dial() under way: the test decides what becomes of it. */
export class FakeDial {
  readonly connection: Promise<Connection>
  #resolve!: (connection: Connection) => void
  #reject!: (error: unknown) => void
  aborted = false

  constructor(
    readonly address: string,
    readonly host: TransportHost,
  ) {
    this.connection = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const abort = () => {
      this.aborted = true
      this.#reject(host.signal.reason)
    }
    if (host.signal.aborted) abort()
    else host.signal.addEventListener("abort", abort)
  }

  /** Somebody is there. Resolves once the core has taken the connection. */
  async succeed(peer?: Partial<RemotePeer>): Promise<FakeConnection> {
    const connection = new FakeConnection(peer)
    this.#resolve(connection)
    await settled()
    return connection
  }

  /** Becomes of it what becomes of this, such as an upgrade(). */
  follow(connection: Promise<Connection>): void {
    connection.then(this.#resolve, this.#reject)
  }

  async fail(error: unknown = new ZmqError("ECONNREFUSED")): Promise<void> {
    this.#reject(error)
    await settled()
  }
}

/** One listen() that has succeeded. */
export class FakeListener implements Listener {
  closed = false
  /** When set, close() waits for it. */
  hold: Promise<void> | undefined

  constructor(
    readonly endpoint: string,
    readonly host: TransportHost,
    readonly accept: (connection: Promise<Connection>) => void,
  ) {}

  async close(): Promise<void> {
    this.closed = true
    await this.hold
  }

  /** A peer comes in. Resolves once the core has decided on it. */
  async incoming(peer?: Partial<RemotePeer>): Promise<FakeConnection> {
    const connection = new FakeConnection(peer, this.endpoint)
    this.accept(Promise.resolve(connection))
    await settled()
    return connection
  }
}

/** A transport without a medium, driven by hand. "fake://bad" is malformed; "fake://0" resolves to "fake://resolved". */
export class FakeTransport implements Transport {
  readonly scheme = "fake"
  readonly patient: boolean
  readonly dials: FakeDial[] = []
  readonly listeners: FakeListener[] = []
  /** When set, listen() waits for it, and fails when it rejects. */
  listening: Promise<void> | undefined

  constructor({ patient = false } = {}) {
    this.patient = patient
  }

  checkConnect(address: string): void {
    if (address === "bad") throw new ZmqError("EINVAL")
  }

  checkBind(address: string): void {
    if (address === "bad") throw new ZmqError("EINVAL")
  }

  dial(address: string, host: TransportHost): Promise<Connection> {
    const dial = new FakeDial(address, host)
    this.dials.push(dial)
    return dial.connection
  }

  async listen(
    address: string,
    host: TransportHost,
    accept: (connection: Promise<Connection>) => void,
  ): Promise<Listener> {
    await this.listening
    const listener = new FakeListener(`fake://${address === "0" ? "resolved" : address}`, host, accept)
    this.listeners.push(listener)
    return listener
  }

  get lastDial(): FakeDial {
    return last(this.dials)
  }

  get lastListener(): FakeListener {
    return last(this.listeners)
  }
}

function last<T>(items: readonly T[]): T {
  const item = items.at(-1)
  if (item === undefined) throw new Error("nothing was dialled, nothing listens")
  return item
}

/** Lets all promises that are settled be heard. Works under fake timers. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve()
}
