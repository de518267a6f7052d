import type { SecureContext } from "node:tls"
import { ZmqError } from "../src/base/errors.ts"
import type { Transport } from "../src/contracts/transport.ts"
import type { Layer } from "./tcp/layer.ts"
import { type Lookup, lookupBySystem } from "./tcp/resolve.ts"
import { tcpTransport } from "./tcp/transport.ts"
import { asClient } from "./tls/client.ts"
import { secureContext, type TlsCredentials } from "./tls/credentials.ts"
import { asServer } from "./tls/server.ts"
import { Sessions } from "./tls/sessions.ts"
import { TlsStream } from "./tls/stream.ts"

export type { Lookup } from "./tcp/resolve.ts"
export type { Pem, TlsCredentials } from "./tls/credentials.ts"

/** Options of {@link tls}. Its names are those of `node:tls`. */
export interface TlsOptions extends TlsCredentials {
  /**
   * Listeners show other credentials to clients that ask for these host names (SNI). A first label `*` stands for any. All
   * other clients are shown `cert`.
   */
  readonly contexts?: Readonly<Record<string, TlsCredentials>>
  /** Listeners ask clients for a certificate. @defaultValue false */
  readonly requestCert?: boolean
  /**
   * Peers whose certificate isn't trusted are refused. With false anybody can read and alter what is sent, unless
   * `authenticate` checks the certificate's fingerprint. The environment variable NODE_TLS_REJECT_UNAUTHORIZED does not
   * change it.
   *
   * @defaultValue true
   */
  readonly rejectUnauthorized?: boolean
  /** A server that is dialled is told this name, and its certificate must have it. @defaultValue the host of the endpoint */
  readonly servername?: string
  /**
   * These application protocols are offered, or accepted, in order of preference (ALPN, RFC 7301). A listener refuses a
   * client that offers only others. @defaultValue none
   */
  readonly ALPNProtocols?: readonly string[]
  /** Resolves host names, as in {@link tcp}. @defaultValue the operating system's getaddrinfo(3) */
  readonly lookup?: Lookup
}

/** This is the transport that {@link tls} makes. */
export interface TlsTransport extends Transport {
  /**
   * Replaces the credentials for all handshakes that begin from now on, for example when a certificate was renewed.
   * Connections that exist stay as they are. Throws EINVAL, and changes nothing, when they are wrong.
   */
  setSecureContext(credentials: TlsCredentials & Pick<TlsOptions, "contexts">): void
}

/** These contexts are in use. They are replaced together. */
interface Contexts {
  readonly own: SecureContext
  readonly hasCertificate: boolean
  readonly byName: ReadonlyMap<string, SecureContext>
  readonly sessions: Sessions
}

/**
 * This is the transport `tls://`: ZMTP, encrypted by TLS over tcp. Addresses have the form of zmq_tcp(7), and the options
 * of sockets for tcp hold. Each connection begins with a TLS handshake, which must be done, together with that of ZMTP,
 * within `handshakeInterval`. A dialled endpoint whose certificate is wrong is dialled again, because its owner may mend
 * that, and because anybody on the way could otherwise end the dialling for good. The event `handshake:error:other` has
 * the reason, with a code such as "CERT_HAS_EXPIRED". Throws EINVAL for wrong credentials.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs"
 * import { tls } from "zeromq-ts/tls"
 *
 * const context = new Context({
 *   transports: [tls({ cert: readFileSync("cert.pem"), key: readFileSync("key.pem") })],
 * })
 * const pull = new Pull({ context })
 * await pull.bind("tls://*:5555")
 * ```
 */
export function tls(options: TlsOptions = {}): TlsTransport {
  let contexts = contextsOf(options)
  const { requestCert = false, rejectUnauthorized = true, servername, ALPNProtocols: protocols } = options
  const layer: Layer = {
    scheme: "tls",
    checkBind: endpoint => {
      if (contexts.hasCertificate) return
      throw new ZmqError("EINVAL", { address: endpoint, reason: "a TLS listener needs cert and key" })
    },
    dialled: (stream, { host, port }, { handshakeInterval }) => {
      const { own: context, sessions } = contexts
      const side = { context, sessions, servername, rejectUnauthorized, protocols }
      return new TlsStream(stream, handshakeInterval, asClient(side, host, port))
    },
    accepted: (stream, { handshakeInterval }) => {
      const side = {
        context: contexts.own,
        contexts: contexts.byName,
        requestCert,
        rejectUnauthorized,
        protocols,
      }
      return new TlsStream(stream, handshakeInterval, asServer(side))
    },
  }
  return {
    ...tcpTransport(layer, options.lookup ?? lookupBySystem),
    setSecureContext: credentials => {
      contexts = contextsOf(credentials)
    },
  }
}

function contextsOf(options: TlsCredentials & Pick<TlsOptions, "contexts">): Contexts {
  const named = Object.entries(options.contexts ?? {})
  return {
    own: secureContext(options),
    hasCertificate: options.cert !== undefined,
    byName: new Map(
      named.map(([name, credentials]) => [name.toLowerCase(), secureContext({ ...options, ...credentials })]),
    ),
    sessions: new Sessions(),
  }
}
