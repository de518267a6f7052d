import type { Connection, LocalPeer } from "../../src/contracts/connection.ts"
import type {
  Listener,
  Transport,
  TransportEvent,
  TransportHost,
  TransportOptions,
} from "../../src/contracts/transport.ts"

/** One transport under test; made anew for each test. */
export interface TransportSetup {
  /** This is the transport itself. */
  readonly transport: Transport
  /** An address, scheme left out, that can be bound and that nobody else uses. */
  readonly address: string
  /** A well-formed address where nobody listens. */
  readonly nobody: string
  /** Addresses that both bind and connect must refuse with EINVAL. */
  readonly malformed: readonly string[]
  /** Options of the socket that differ from the defaults. */
  readonly options?: Partial<TransportOptions>
  /** The resolved endpoint ends with its listener and can't be bound by that name, such as a temporary directory's. */
  readonly ephemeral?: boolean
  /** The address to connect to, from the endpoint of a listener. Without it: what follows the scheme. */
  connectAddress?(endpoint: string): string
  /** Frees what the setup has taken, after the test. */
  cleanup?(): void | Promise<void>
}

/** Makes what one test needs. */
export type MakeSetup = () => TransportSetup | Promise<TransportSetup>

export const DEFAULT_OPTIONS: TransportOptions = {
  backlog: 100,
  connectTimeout: 0,
  ipv6: false,
  tcpKeepalive: -1,
  tcpKeepaliveIdle: -1,
  tcpKeepaliveInterval: -1,
  tcpKeepaliveCount: -1,
  tcpAcceptFilter: [],
  typeOfService: 0,
  ipcMode: -1,
  ipcGroup: -1,
  socksProxy: null,
  handshakeInterval: 0,
  receiveHighWaterMark: 1000,
}

/** A promise with its handles outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}

/** A turn of the event loop and its microtasks. */
export const turn = (): Promise<void> => new Promise(done => void setImmediate(done))

/** A host that records what the transport reports. */
export class RecordingHost implements TransportHost {
  readonly events: TransportEvent[] = []
  readonly abort = new AbortController()
  readonly signal: AbortSignal = this.abort.signal
  readonly options: TransportOptions
  /** When set, no peer is welcome. */
  refuses: Error | undefined

  constructor(
    readonly local: LocalPeer,
    options: Partial<TransportOptions> = {},
    readonly upgrade: TransportHost["upgrade"] = stream => {
      stream.destroy()
      return Promise.reject(new Error("this is no byte transport"))
    },
  ) {
    this.options = { ...DEFAULT_OPTIONS, ...options }
  }

  report(event: TransportEvent): void {
    this.events.push(event)
  }

  welcome(): void {
    if (this.refuses !== undefined) throw this.refuses
  }
}

/** A bound endpoint that queues what comes in. */
export class Inbox {
  readonly host: RecordingHost
  listener!: Listener
  /** What accept() was handed, in order. */
  readonly handed: unknown[] = []
  readonly #waiting: Deferred<Connection>[] = []
  readonly #arrived: Connection[] = []

  constructor(host: RecordingHost) {
    this.host = host
  }

  async listen(transport: Transport, address: string): Promise<this> {
    this.listener = await transport.listen(address, this.host, incoming => {
      this.handed.push(incoming)
      if (incoming instanceof Promise) {
        void incoming.then(connection => this.#arrive(connection)).catch(() => {})
      } else {
        this.#arrive(incoming)
      }
    })
    return this
  }

  next(): Promise<Connection> {
    const there = this.#arrived.shift()
    if (there !== undefined) return Promise.resolve(there)
    const waiting = deferred<Connection>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  #arrive(connection: Connection): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#arrived.push(connection)
    else waiting.resolve(connection)
  }
}

/** Runs the checks on a fresh setup, and clears up whatever comes of them. */
export async function withSetup(
  make: MakeSetup,
  body: (setup: TransportSetup) => Promise<void>,
): Promise<void> {
  const setup = await make()
  try {
    await body(setup)
  } finally {
    await setup.cleanup?.()
  }
}

export function connectAddress(setup: TransportSetup, endpoint: string): string {
  return setup.connectAddress?.(endpoint) ?? endpoint.slice(`${setup.transport.scheme}://`.length)
}
