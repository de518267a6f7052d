/**
 * These options say how peers prove who they are, by libzmq's rules: the last one that is set decides the mechanism and the
 * role. A value that would turn on a mechanism that is missing here throws ENOTSUP, because a program must not believe that
 * it is protected.
 */
import { ZmqError } from "../../base/errors.ts"
import type { Secret } from "../../base/secret.ts"
import type { Authenticator } from "../../contracts/security.ts"
import { BOX_PROVIDERS } from "../../security/box/providers.ts"
import { publicKey, secretKey } from "../kinds/keys.ts"
import { bool, bytes, choice, functions, secret, text } from "../kinds/kinds.ts"
import type { Implies } from "../kinds/spec.ts"
import { ALL } from "./socket-groups.ts"

function refuse(value: unknown): void {
  if (value === false || value === "hostBased") return
  throw new ZmqError("ENOTSUP", {
    reason: "this security mechanism is missing: peers would not be checked",
  })
}

const common = { sockets: ALL, check: refuse } as const

/** The mechanism, and the role of a server in PLAIN and in CURVE, change together. */
function mechanism(name: "plain" | "curve" | null, isServer: unknown) {
  return {
    securityMechanism: name,
    plainServer: name === "plain" && isServer === true,
    curveServer: name === "curve" && isServer === true,
  }
}
/** A key of its own turns CURVE on, and leaves the role as it was. */
const asBefore: Implies = (_, { plainServer, curveServer }) =>
  mechanism("curve", plainServer === true || curveServer === true)

const NAME_TYPES = ["hostBased", "userName", "krb5Principal"] as const

export const SECURITY = {
  /**
   * With `true`, peers are asked for a name and a password, which are not encrypted. `authenticate` or a ZAP handler decides
   * about them; without either nobody is let in. `false` turns all security off.
   *
   * @defaultValue `false`
   * @see ZMQ_PLAIN_SERVER in zmq_setsockopt(3)
   */
  plainServer: bool({
    sockets: ALL,
    id: 44,
    default: false,
    implies: value => mechanism(value === true ? "plain" : null, value),
  }),
  /**
   * This name of 1 to 255 bytes is told to PLAIN servers, without encryption. It makes the socket a client. Null turns all
   * security off.
   *
   * @defaultValue `null`
   * @see ZMQ_PLAIN_USERNAME in zmq_setsockopt(3)
   */
  plainUsername: bytes({
    sockets: ALL,
    id: 45,
    max: 255,
    nullable: true,
    implies: value => mechanism((value as Buffer).length > 0 ? "plain" : null, false),
  }),
  /**
   * This password of 1 to 255 bytes is told to PLAIN servers, without encryption. It makes the socket a client. Null
   * turns all security off.
   *
   * @defaultValue `null`
   * @see ZMQ_PLAIN_PASSWORD in zmq_setsockopt(3)
   */
  plainPassword: secret({
    sockets: ALL,
    id: 46,
    max: 255,
    nullable: true,
    implies: value => mechanism((value as Secret).reveal().length > 0 ? "plain" : null, false),
  }),
  /**
   * With `true`, only peers are taken that encrypt by CURVE and know this socket's public key; `curveSecretKey` is needed too.
   * `authenticate` or a ZAP handler decides about their keys; without either all keys are let in. `false` turns all security
   * off.
   *
   * @defaultValue `false`
   * @see ZMQ_CURVE_SERVER in zmq_setsockopt(3)
   */
  curveServer: bool({
    sockets: ALL,
    id: 47,
    default: false,
    implies: value => mechanism(value === true ? "curve" : null, value),
  }),
  /**
   * This is a client's own public key for CURVE, as 32 bytes or 40 characters of Z85. It is read as Z85. It turns CURVE on.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_PUBLICKEY in zmq_setsockopt(3)
   */
  curvePublicKey: publicKey({
    sockets: ALL,
    id: 48,
    implies: asBefore,
  }),
  /**
   * This is the socket's own secret key for CURVE, as 32 bytes or 40 characters of Z85. It is read as Z85. It turns CURVE on.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_SECRETKEY in zmq_setsockopt(3)
   */
  curveSecretKey: secretKey({
    sockets: ALL,
    id: 49,
    implies: asBefore,
  }),
  /**
   * This is the public key of the CURVE server to connect to, as 32 bytes or 40 characters of Z85. It is read as Z85.
   * It turns CURVE on, and makes the socket a client.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_SERVERKEY in zmq_setsockopt(3)
   */
  curveServerKey: publicKey({
    sockets: ALL,
    id: 50,
    implies: () => mechanism("curve", false),
  }),
  /**
   * This is a CURVE server's secret key from before, as 32 bytes or 40 characters of Z85. Clients that know its public key are
   * let in too, so that they can move to that of `curveSecretKey` one by one. Null ends that. A bound server takes both keys as
   * they are when a client connects. Connections that are there stay.
   *
   * @defaultValue `null`
   */
  curvePreviousSecretKey: secretKey({
    sockets: ALL,
    id: -4,
    nullable: true,
    live: true,
  }),
  /**
   * This library encrypts for CURVE. `"libsodium"` is WebAssembly and comes with this package. The others must be installed:
   * `"sodium-native"`, a faster addon, and `"noble"`, the package `@noble/ciphers`, which is slower JavaScript.
   *
   * @defaultValue `"libsodium"`
   */
  curveProvider: choice({
    sockets: ALL,
    id: -5,
    values: BOX_PROVIDERS,
    default: "libsodium",
  }),
  /**
   * These functions decide which peers may connect, in this order; each may say no. It is assigned one function, an array, or
   * null for none. A PLAIN or CURVE server asks them about each peer's credentials. Any other socket, a PLAIN or CURVE client
   * too, asks them about those that connect to it, by their address, before a byte of the handshake. At most 64 peers of a socket are examined at once;
   * others wait within their `handshakeInterval`. `inproc` asks nobody.
   *
   * @defaultValue `[]`
   */
  authenticate: functions<Authenticator, "ALL">({
    sockets: ALL,
    id: -3,
  }),
  /**
   * This domain is told to the authentication handler at `inproc://zeromq.zap.01` (RFC 27). Setting it makes sockets without
   * security ask that handler too, at both ends.
   *
   * @defaultValue `null`
   * @see ZMQ_ZAP_DOMAIN in zmq_setsockopt(3)
   */
  zapDomain: text({
    sockets: ALL,
    id: 55,
    max: 255,
  }),
  /**
   * With `true`, peers are refused while there is neither an authentication handler nor `authenticate`.
   *
   * @defaultValue `false`
   * @see ZMQ_ZAP_ENFORCE_DOMAIN in zmq_setsockopt(3)
   */
  zapEnforceDomain: bool({
    sockets: ALL,
    id: 93,
    default: false,
  }),
  /**
   * With `true`, the socket is a GSSAPI server. It is not supported: `true` throws ENOTSUP.
   *
   * @defaultValue `false`
   * @see ZMQ_GSSAPI_SERVER in zmq_setsockopt(3)
   */
  gssapiServer: bool({
    ...common,
    id: 62,
    default: false,
  }),
  /**
   * This is the socket's own GSSAPI name. It is not supported: any value throws ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_GSSAPI_PRINCIPAL in zmq_setsockopt(3)
   */
  gssapiPrincipal: bytes({
    ...common,
    id: 63,
  }),
  /**
   * This is the GSSAPI name of the server that is connected to. It is not supported: any value throws ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_GSSAPI_SERVICE_PRINCIPAL in zmq_setsockopt(3)
   */
  gssapiServicePrincipal: bytes({
    ...common,
    id: 64,
  }),
  /**
   * With `true`, GSSAPI doesn't encrypt. It is not supported: `true` throws ENOTSUP.
   *
   * @defaultValue `false`
   * @see ZMQ_GSSAPI_PLAINTEXT in zmq_setsockopt(3)
   */
  gssapiPlainText: bool({
    ...common,
    id: 65,
    default: false,
  }),
  /**
   * This is the kind of the socket's own GSSAPI name. It is not supported: anything but `"hostBased"` throws ENOTSUP.
   *
   * @defaultValue `"hostBased"`
   * @see ZMQ_GSSAPI_PRINCIPAL_NAMETYPE in zmq_setsockopt(3)
   */
  gssapiPrincipalNameType: choice({
    ...common,
    id: 90,
    values: NAME_TYPES,
    default: "hostBased",
  }),
  /**
   * This is the kind of the server's GSSAPI name. It is not supported: anything but `"hostBased"` throws ENOTSUP.
   *
   * @defaultValue `"hostBased"`
   * @see ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE in zmq_setsockopt(3)
   */
  gssapiServicePrincipalNameType: choice({
    ...common,
    id: 91,
    values: NAME_TYPES,
    default: "hostBased",
  }),
} as const
