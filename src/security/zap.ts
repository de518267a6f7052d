import { ZmqError } from "../base/errors.ts"
import { ZAP_CLIENT } from "../base/socket-types.ts"
import type { Connection, ConnectionSink } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Verdict } from "../contracts/security.ts"
import type { Transport, TransportHost, TransportOptions } from "../contracts/transport.ts"
import { EMPTY } from "../zmtp/frame.ts"
import { requestMessage, verdictOf, type ZapRequest } from "./zap-reply.ts"

/** The address of authentication handlers, without the scheme (RFC 27, "Connectivity"). */
const HANDLER = "zeromq.zap.01"

const { name: socketType, peers } = ZAP_CLIENT
const LOCAL = { socketType, routingId: EMPTY, tellsRoutingId: true } as const

/** A handler is reached over this transport. */
export interface ZapRoute {
  /** This is the transport `inproc` of the socket's context. */
  readonly transport: Transport
  readonly options: TransportOptions
}

/** Returns true when there is an authentication handler now. */
export function hasHandler(transport: Transport | undefined): transport is Transport {
  return transport?.isBound?.(HANDLER) === true
}

/**
 * Asks the authentication handler about a peer, over a connection of its own (RFC 27). Rejects when the handler's reply is
 * malformed, when the handler goes away, and when the signal is aborted.
 */
export async function askHandler(
  { transport, options }: ZapRoute,
  request: ZapRequest,
  signal: AbortSignal,
): Promise<Verdict> {
  const host = new ZapHost(options, signal)
  const connection = await transport.dial(HANDLER, host)
  try {
    return verdictOf(await replyTo(connection, requestMessage(request), signal))
  } finally {
    connection.destroy()
  }
}

/** Resolves to the first message that the handler sends. */
function replyTo(connection: Connection, request: Message, signal: AbortSignal): Promise<Message> {
  return new Promise((resolve, reject) => {
    const gone = () =>
      new ZmqError("ECONNRESET", { reason: "the authentication handler has gone without an answer" })
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
    const sink: ConnectionSink = {
      message: resolve,
      control() {},
      drain() {},
      closed: () => reject(gone()),
    }
    connection.open(sink)
    connection.send(request)
    if (signal.aborted) reject(signal.reason)
  })
}

/** The transport makes the connection to the handler for this host. It reports nothing, because the program made no connect(). */
class ZapHost implements TransportHost {
  readonly local = LOCAL

  constructor(
    readonly options: TransportOptions,
    readonly signal: AbortSignal,
  ) {}

  report(): void {}

  upgrade(): Promise<Connection> {
    return Promise.reject(new ZmqError("ENOTSUP"))
  }

  welcome({ socketType }: { readonly socketType: string | undefined }): void {
    if (socketType !== undefined && peers.includes(socketType)) return
    throw new ZmqError("EINVAL", { reason: "an authentication handler replies to requests" })
  }
}
