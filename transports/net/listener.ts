import { createServer, type ListenOptions, type Server, type Socket } from "node:net"
import { fromSystemError, ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, notAtExit } from "../../src/base/process-exit.ts"
import type { ByteStream, Connection } from "../../src/contracts/connection.ts"
import type { Listener, TransportHost } from "../../src/contracts/transport.ts"
import { listenAtOnce, type Place } from "./listen-sync.ts"

/**
 * Runs right before the listener closes; what it returns runs right after. Throws a system error when something that
 * belongs to the listener could not be removed.
 */
export type Release = () => (() => void) | undefined

const NOTHING: Release = () => undefined

/** Says why a socket that came in is refused; undefined when it is welcome. */
export type AcceptFilter = (socket: Socket) => ZmqError | undefined

/** What listening on tcp and on ipc have in common. */
export class NetListener implements Listener, ExitTask {
  /** The resolved endpoint, known once listening. */
  endpoint = ""
  readonly #server: Server
  readonly #host: TransportHost
  #release: Release = NOTHING
  #closed = false

  /**
   * @param wrap makes a stream of an accepted socket
   * @param refusal says who is not even accepted
   */
  constructor(
    host: TransportHost,
    accept: (connection: Promise<Connection>) => void,
    wrap: (socket: Socket, endpoint: string) => ByteStream,
    refusal: AcceptFilter = () => undefined,
  ) {
    this.#host = host
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => {
      // Before the endpoint is ours only rival binders come by, to see whether somebody lives here.
      if (this.endpoint === "" || this.#closed) return void socket.destroy()
      const error = refusal(socket)
      if (error === undefined) return accept(host.upgrade(wrap(socket, this.endpoint)))
      socket.destroy()
      this.#acceptFailed(error)
    })
  }

  /** Binds and listens. Rejects with Node's system error. */
  listen(where: ListenOptions): Promise<Server> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      server.once("error", reject)
      // In a cluster, every process binds for itself.
      server.listen({ ...where, backlog: this.#host.options.backlog, exclusive: true }, () => {
        server.off("error", reject)
        this.#settle()
        resolve(server)
      })
    })
  }

  /** As listen(), before it returns. Throws Node's system error. */
  listenSync(place: Place): Server {
    listenAtOnce(this.#server, place, this.#host.options.backlog)
    this.#settle()
    return this.#server
  }

  #settle(): void {
    this.#server.on("error", error => this.#acceptFailed(error))
    this.#server.unref()
  }

  /** The endpoint is ours. `release` gives back what else belongs to it. Throws when it was given up meanwhile. */
  ready(endpoint: string, release: Release = NOTHING): Listener {
    this.#release = release
    if (this.#host.signal.aborted) {
      this.discard()
      throw new ZmqError("ECONNABORTED", { address: endpoint, reason: "the bind was given up" })
    }
    this.endpoint = endpoint
    if (release !== NOTHING) atExit(this)
    this.#host.report({ type: "bind", address: endpoint })
    return this
  }

  /** Closes without a word. Node's close() frees the name at once; only its callback waits for connections. */
  discard(): void {
    if (this.#closed) return
    this.#closed = true
    notAtExit(this)
    let after: ReturnType<Release>
    try {
      after = this.#release()
    } finally {
      if (this.#server.listening) this.#server.close()
    }
    after?.()
  }

  /** The process exits, and nothing of ours must stay behind. */
  exit(): void {
    try {
      this.discard()
    } catch {
      // It is gone already.
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const address = this.endpoint
    try {
      this.discard()
      this.#host.report({ type: "close", address })
    } catch (error) {
      this.#host.report({ type: "close:error", address, error: fromSystemError(error) })
    }
  }

  #acceptFailed(error: Error): void {
    if (this.#closed) return
    this.#host.report({ type: "accept:error", address: this.endpoint, error: fromSystemError(error) })
  }
}
