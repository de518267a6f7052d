import { onAbort } from "../base/abort-listeners.ts"
import { ZmqError } from "../base/errors.ts"
import { surface } from "../base/runtime.ts"
import type { Connection } from "../contracts/connection.ts"
import type { Listener, Transport } from "../contracts/transport.ts"
import { type PipeEndpoint, SocketPipe } from "../pipes/pipe.ts"
import { discard, EndpointHost } from "./endpoint-host.ts"
import type { EndpointOptions, EndpointOwner, SocketEndpoint, Unread } from "./socket-endpoint.ts"

/**
 * A binder serves one bind(). It has a listener, the handshakes under way, and a pipe for each peer that has connected. A
 * pipe begins after the handshake and ends with its connection. Its unread messages can still be read.
 */
export class Binder implements SocketEndpoint, PipeEndpoint {
  readonly redials = false
  readonly #owner: EndpointOwner
  readonly #transport: Transport
  readonly #host: EndpointHost
  readonly #peers = new Set<SocketPipe>()
  #listener: Listener | undefined
  #endpoint: string
  #closing = false
  #left = 0

  constructor(given: string, transport: Transport, owner: EndpointOwner, options: EndpointOptions) {
    this.#owner = owner
    this.#transport = transport
    this.#endpoint = given
    this.#host = new EndpointHost(owner, "bind", given, options)
  }

  get address(): string {
    return this.#endpoint
  }

  get left(): number {
    return this.#left
  }

  /**
   * Listens. Rejects with the errors of zmq_bind(3), or with the signal's reason, and leaves nothing behind then.
   *
   * @param target the address without its scheme
   */
  async listen(target: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const forget = signal && onAbort(signal, () => this.#host.abort(signal.reason))
    try {
      this.#listener = await this.#transport.listen(target, this.#host, peer => this.#accept(peer))
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    } finally {
      forget?.()
    }
    this.#endpoint = this.#listener.endpoint
    if (!signal?.aborted) return
    await this.close(0, "dropped")
    throw signal.reason
  }

  /** Does the same as listen(), but is done when it returns, and throws its errors. */
  listenSync(target: string): void {
    const { scheme, listenSync } = this.#transport
    if (listenSync === undefined) {
      throw new ZmqError("ENOTSUP", { reason: `${scheme} can't bind synchronously; use bind()` })
    }
    this.#listener = listenSync.call(this.#transport, target, this.#host, peer => this.#accept(peer))
    this.#endpoint = this.#listener.endpoint
  }

  async close(linger: number, unread: Unread): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#host.abort()
    for (const pipe of this.#peers) this.#finish(pipe, linger, unread)
    await this.#listener?.close()
    this.#listener = undefined
    this.#endIfEmpty()
  }

  giveUp(): void {
    for (const pipe of this.#peers) pipe.giveUp()
  }

  closePipe(pipe: SocketPipe, linger: number): void {
    this.#finish(pipe, linger, "dropped")
  }

  #finish(pipe: SocketPipe, linger: number, unread: Unread): void {
    if (!pipe.finishing) {
      // This comes before detaching, because a detached pipe is read to its end.
      pipe.stopReading(unread)
      this.#owner.pipes.detach(pipe)
      this.#owner.admission.nameLeft(pipe.peer?.routingId)
    }
    pipe.finish(linger)
  }

  #endIfEmpty(): void {
    if (this.#closing && this.#listener === undefined && this.#peers.size === 0) this.#owner.ended(this)
  }

  #accept(incoming: Connection | Promise<Connection>): void {
    if (!("then" in incoming)) {
      this.#admit(incoming)
      return
    }
    // If the peer was refused, the upgrade has reported the reason.
    const admitted = incoming.then(
      connection => this.#admit(connection),
      () => {},
    )
    void admitted.then(undefined, surface)
  }

  #admit(connection: Connection): void {
    const { admission, monitor } = this.#owner
    if (this.#closing) {
      discard(connection)
      return
    }
    try {
      admission.check(connection.peer)
      admission.claim()
    } catch (cause) {
      discard(connection)
      monitor.emit({ type: "accept:error", address: connection.local, error: cause as Error })
      return
    }
    const pipe = new SocketPipe(this.#owner.pipes, this.#transport.peersMayStillCome !== false, this)
    this.#peers.add(pipe)
    this.#owner.pipes.attach(pipe)
    pipe.connect(connection)
  }

  lost(pipe: SocketPipe, connection: Connection, error: Error | undefined): void {
    const { finishing } = pipe
    pipe.retire()
    this.#left += pipe.left
    this.#peers.delete(pipe)
    if (!finishing) this.#owner.pipes.detach(pipe)
    this.#owner.admission.release()
    this.#owner.admission.nameLeft(connection.peer.routingId)
    if (!finishing) this.#host.lost(connection, error)
    this.#endIfEmpty()
  }
}
