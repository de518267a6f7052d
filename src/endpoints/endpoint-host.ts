import { fromSystemError, isProtocolError, type ZmqError } from "../base/errors.ts"
import { sharedAbort } from "../base/runtime.ts"
import type { ByteStream, Connection, LocalPeer, RemotePeer, Role } from "../contracts/connection.ts"
import type { Acceptance, PeerIdentity } from "../contracts/security.ts"
import type { TransportEvent, TransportHost } from "../contracts/transport.ts"
import { loadedFor, loadRaw, loadZmtp } from "./load.ts"
import { type EndpointOptions, type EndpointOwner, localPeer } from "./socket-endpoint.ts"

/** These connections were made of byte streams. */
const upgraded = new WeakSet<Connection>()

/** A dialer knows this about the peer that it will reach. */
export interface DialledPeer {
  /** True when connect() has given the peer its routing id, so that it doesn't matter what it calls itself. */
  readonly isNamed: boolean
  /** True for the peer that was there last, and whose routing id is still this endpoint's. */
  isFormer(peer: RemotePeer): boolean
}

/**
 * A transport is given an endpoint host for each endpoint. It makes connections of byte streams, and reports their events.
 * Connections that a transport makes by itself (inproc) have no events, as in libzmq, unless they fail.
 */
export class EndpointHost implements TransportHost {
  #abort: AbortController | undefined
  readonly #owner: EndpointOwner
  readonly #role: Role
  readonly #address: string
  readonly #asksWho: boolean
  readonly #dialled: DialledPeer | undefined

  /**
   * @param address the endpoint as the user gave it
   * @param dialled the facts about the peer, for the role "connect" only
   */
  constructor(
    owner: EndpointOwner,
    role: Role,
    address: string,
    readonly options: EndpointOptions,
    dialled?: DialledPeer,
  ) {
    const { admission } = owner
    this.#owner = owner
    this.#role = role
    this.#address = address
    this.#dialled = dialled
    this.#asksWho = dialled === undefined ? admission.isSelective : admission.namesPeers && !dialled.isNamed
  }

  get local(): LocalPeer {
    return localPeer(this.#owner, this.options)
  }

  get signal(): AbortSignal {
    this.#abort ??= sharedAbort()
    return this.#abort.signal
  }

  /** Aborts the attempt that is under way, and forbids others. */
  abort(reason?: unknown): void {
    this.#abort ??= sharedAbort()
    this.#abort.abort(reason)
  }

  /** No attempt is under way any more. The signal is dropped, so that an idle connection has none. */
  settled(): void {
    if (this.#abort?.signal.aborted === false) this.#abort = undefined
  }

  report(event: TransportEvent): void {
    const { monitor } = this.#owner
    // An event without an address concerns the dialled endpoint. There is one exception: a bind() that fails closes a
    // listener that had no address yet, and libzmq reports that without an address.
    if (event.type === "connect:delay") monitor.emit({ ...event, address: this.#address })
    else if (event.type === "close" && this.#role === "connect")
      monitor.emit({ ...event, address: this.#address })
    else monitor.emit(event)
  }

  async upgrade(stream: ByteStream): Promise<Connection> {
    const { monitor, admission } = this.#owner
    const address = this.#addressOf(stream)
    if (this.#role === "bind" && admission.full) throw this.#turnAway(stream)
    monitor.emit({ type: this.#role === "bind" ? "accept" : "connect", address })
    const isRaw = admission.type.wire === "raw"
    const connection = await (isRaw ? this.#takeRaw(stream) : this.#shakeHands(stream, address))
    upgraded.add(connection)
    return connection
  }

  welcome(peer: RemotePeer): void {
    const { admission, monitor } = this.#owner
    try {
      admission.check(peer)
      if (this.#role === "bind" && admission.full) throw admission.refusal()
      const conflict = this.#conflictOf(peer)
      if (conflict !== undefined) throw conflict
    } catch (cause) {
      const error = fromSystemError(cause, this.#address)
      if (this.#role === "bind") monitor.emit({ type: "accept:error", address: this.#address, error })
      throw error
    }
  }

  /** A connection has ended, and not by our own wish. */
  lost(connection: Connection, error: Error | undefined): void {
    if (!upgraded.has(connection) && error === undefined) return
    const address = this.#addressOf(connection)
    this.#owner.monitor.emit({
      type: "disconnect",
      address,
      ...(error === undefined ? {} : { error: fromSystemError(error) }),
    })
  }

  async #takeRaw(stream: ByteStream): Promise<Connection> {
    const { RawConnection } = await loadedFor(stream, loadRaw())
    return new RawConnection(stream, this.options.notify)
  }

  async #shakeHands(stream: ByteStream, address: string): Promise<Connection> {
    const { monitor } = this.#owner
    try {
      const { shakeHands } = await loadedFor(stream, loadZmtp())
      const connection = await shakeHands(stream, this.local, this.options, {
        owner: this.#owner,
        role: this.#role,
        address,
        signal: this.signal,
        conflictOf: this.#asksWho ? peer => this.#conflictOf(peer) : undefined,
      })
      this.#check(connection)
      monitor.emit({ type: "handshake", address, ...introduction(connection.identity) })
      return connection
    } catch (cause) {
      if (!this.signal.aborted) this.#failed(address, stream.remote, cause)
      throw cause
    }
  }

  #conflictOf(peer: RemotePeer): ZmqError | undefined {
    if (!this.#asksWho || this.#dialled?.isFormer(peer)) return undefined
    return this.#owner.admission.nameConflict(peer)
  }

  #check(connection: Connection): void {
    try {
      this.#owner.admission.check(connection.peer)
    } catch (error) {
      discard(connection, error as Error)
      throw error
    }
  }

  #turnAway(stream: ByteStream): Error {
    const error = this.#owner.admission.refusal(stream.local)
    stream.destroy()
    this.#owner.monitor.emit({ type: "accept:error", address: stream.local, error })
    return error
  }

  #failed(address: string, remote: string, cause: unknown): void {
    const error = fromSystemError(cause)
    const { monitor } = this.#owner
    if (error.status !== undefined) monitor.emit({ type: "handshake:error:auth", address, error, remote })
    else monitor.emit({ type: typeOfFailure(error), address, error })
    this.#owner.monitor.emit({ type: "disconnect", address })
  }

  // libzmq names the local endpoint in events of bound endpoints, the dialled one in those of connecting ones.
  #addressOf(link: { readonly local: string }): string {
    return this.#role === "bind" ? link.local : this.#address
  }
}

/** Returns what the event of a handshake tells about the peer. */
function introduction(identity: PeerIdentity | undefined): Pick<Acceptance, "userId" | "metadata"> {
  if (identity === undefined) return {}
  const { userId, metadata } = identity
  return { ...(userId !== undefined && { userId }), ...(Object.keys(metadata).length > 0 && { metadata }) }
}

function typeOfFailure(error: ZmqError) {
  // The peer was refused because there is no slot. Others are refused for that before their handshake.
  if (error.code === "EISCONN") return "accept:error"
  return isProtocolError(error) ? "handshake:error:protocol" : "handshake:error:other"
}

/** Closes a connection that is not needed. */
export function discard(connection: Connection, error?: Error): void {
  connection.open({ message() {}, control() {}, drain() {}, closed() {} })
  connection.destroy(error)
}
