/**
 * These options say how peers prove who they are, by libzmq's rules: the last one that is set decides the mechanism and the
 * role. A value that would turn on a mechanism that is missing here throws ENOTSUP, because a program must not believe that
 * it is protected.
 */
import { ZmqError } from "../../base/errors.ts"
import type { Secret } from "../../base/secret.ts"
import { bool, bytes, choice, secret, text } from "../kinds/kinds.ts"
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
   * This password of at most 255 bytes is told to PLAIN servers, without encryption. It makes the socket a client. Null
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
    mayBeEmpty: true,
    implies: value => mechanism((value as Secret).reveal().length > 0 ? "plain" : null, false),
  }),
  /**
   * With `true`, only connections encrypted by CURVE are taken. It is not supported yet: `true` throws ENOTSUP.
   *
   * @defaultValue `false`
   * @see ZMQ_CURVE_SERVER in zmq_setsockopt(3)
   */
  curveServer: bool({
    ...common,
    id: 47,
    default: false,
  }),
  /**
   * This is the socket's own public key for CURVE. It is not supported yet: any value throws ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_PUBLICKEY in zmq_setsockopt(3)
   */
  curvePublicKey: bytes({
    ...common,
    id: 48,
  }),
  /**
   * This is the socket's own secret key for CURVE. It is not supported yet: any value throws ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_SECRETKEY in zmq_setsockopt(3)
   */
  curveSecretKey: bytes({
    ...common,
    id: 49,
  }),
  /**
   * This is the public key of the CURVE server that is connected to. It is not supported yet: any value throws
   * ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_CURVE_SERVERKEY in zmq_setsockopt(3)
   */
  curveServerKey: bytes({
    ...common,
    id: 50,
  }),
  /**
   * This domain is told to authentication handlers (RFC 27). It is not supported yet: any value throws ENOTSUP.
   *
   * @defaultValue `null`
   * @see ZMQ_ZAP_DOMAIN in zmq_setsockopt(3)
   */
  zapDomain: text({
    ...common,
    id: 55,
    max: 255,
  }),
  /**
   * With `true`, peers are refused while there is no authentication handler. It is not supported yet: `true` throws
   * ENOTSUP.
   *
   * @defaultValue `false`
   * @see ZMQ_ZAP_ENFORCE_DOMAIN in zmq_setsockopt(3)
   */
  zapEnforceDomain: bool({
    ...common,
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
