import { createServer, type ListenOptions, type Server, type Socket } from "node:net"
import { fromSystemError, ZmqError } from "../../src/base/errors.ts"
import { atExit, type ExitTask, notAtExit } from "../../src/base/process-exit.ts"
import type { ByteStream, Connection } from "../../src/contracts/connection.ts"
import type { Listener, TransportHost } from "../../src/contracts/transport.ts"
import { type ListenTarget, listenAtOnce } from "./listen-sync.ts"

/**
 * This function runs right before the listener closes, and the function that it returns runs right after. It throws a
 * system error when something that belongs to the listener could not be removed.
 */
export type Release = () => (() => void) | undefined

const NOTHING: Release = () => undefined

/** This function returns the reason why an accepted socket is refused; undefined when it is welcome. */
export type AcceptFilter = (socket: Socket) => ZmqError | undefined

/** This listener has what tcp and ipc share when they listen. */
export class NetListener implements Listener, ExitTask {
  /** This is the resolved endpoint; empty until ready() is called. */
  endpoint = ""
  readonly #server: Server
  readonly #host: TransportHost
  #release: Release = NOTHING
  #closed = false

  /**
   * @param wrap makes a stream of an accepted socket
   * @param refusal says which sockets are closed at once
   */
  constructor(
    host: TransportHost,
    accept: (connection: Promise<Connection>) => void,
    wrap: (socket: Socket, endpoint: string) => ByteStream,
    refusal: AcceptFilter = () => undefined,
  ) {
    this.#host = host
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => {
      // Before the endpoint is ours only rival binders connect, because they probe for a live listener.
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
      // It is exclusive, because in a cluster every process must bind for itself.
      server.listen({ ...where, backlog: this.#host.options.backlog, exclusive: true }, () => {
        server.off("error", reject)
        this.#settle()
        resolve(server)
      })
    })
  }

  /** Binds and listens before it returns. Throws Node's system error. */
  listenSync(place: ListenTarget): Server {
    listenAtOnce(this.#server, place, this.#host.options.backlog)
    this.#settle()
    return this.#server
  }

  #settle(): void {
    this.#server.on("error", error => this.#acceptFailed(error))
    this.#server.unref()
  }

  /**
   * Is called when the endpoint is ours. Throws ECONNABORTED when the bind was aborted meanwhile.
   * @param release gives back what else belongs to the endpoint, such as a file
   */
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

  /** Closes without an event. Node's close() frees the name at once; only its callback waits for connections. */
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

  /** Removes the files of the listener, because the process exits. */
  exit(): void {
    try {
      this.discard()
    } catch {
      // The file is gone already.
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
