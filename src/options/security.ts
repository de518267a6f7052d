/**
 * Security mechanisms are not here yet. Whoever asks for one must not believe to be safe: what would turn it on throws
 * ENOTSUP; what says that it is off is taken.
 */
import { ZmqError } from "../errors.ts"
import { bool, bytes, choice, text } from "../option-kinds.ts"
import { ALL } from "./applies.ts"

function refuse(value: unknown): void {
  if (value === false || value === "hostBased") return
  throw new ZmqError("ENOTSUP", {
    reason: "there are no security mechanisms yet: peers would not be checked",
  })
}

const common = { sockets: ALL, inert: true, check: refuse } as const
const NAME_TYPES = ["hostBased", "userName", "krb5Principal"] as const

export const SECURITY = {
  plainServer: bool({
    ...common,
    id: 44,
    libzmq: "ZMQ_PLAIN_SERVER",
    default: false,
    help: "Not here yet: true throws ENOTSUP. Ask peers for a name and a password.",
  }),
  plainUsername: text({
    ...common,
    id: 45,
    libzmq: "ZMQ_PLAIN_USERNAME",
    max: 255,
    nullable: true,
    help: "Not here yet: anything but null throws ENOTSUP. The name to tell.",
  }),
  plainPassword: text({
    ...common,
    id: 46,
    libzmq: "ZMQ_PLAIN_PASSWORD",
    max: 255,
    nullable: true,
    help: "Not here yet: anything but null throws ENOTSUP. The password to tell.",
  }),
  curveServer: bool({
    ...common,
    id: 47,
    libzmq: "ZMQ_CURVE_SERVER",
    default: false,
    help: "Not here yet: true throws ENOTSUP. Take encrypted connections only.",
  }),
  curvePublicKey: bytes({
    ...common,
    id: 48,
    libzmq: "ZMQ_CURVE_PUBLICKEY",
    help: "Not here yet: throws ENOTSUP. The own public key.",
  }),
  curveSecretKey: bytes({
    ...common,
    id: 49,
    libzmq: "ZMQ_CURVE_SECRETKEY",
    help: "Not here yet: throws ENOTSUP. The own secret key.",
  }),
  curveServerKey: bytes({
    ...common,
    id: 50,
    libzmq: "ZMQ_CURVE_SERVERKEY",
    help: "Not here yet: throws ENOTSUP. The server's public key.",
  }),
  zapDomain: text({
    ...common,
    id: 55,
    libzmq: "ZMQ_ZAP_DOMAIN",
    max: 255,
    help: "Not here yet: throws ENOTSUP. What authentication handlers are told.",
  }),
  zapEnforceDomain: bool({
    ...common,
    id: 93,
    libzmq: "ZMQ_ZAP_ENFORCE_DOMAIN",
    default: false,
    help: "Not here yet: true throws ENOTSUP. Refuse peers while there is no authentication handler.",
  }),
  gssapiServer: bool({
    ...common,
    id: 62,
    libzmq: "ZMQ_GSSAPI_SERVER",
    default: false,
    help: "There is no GSSAPI: true throws ENOTSUP. Act as a server.",
  }),
  gssapiPrincipal: bytes({
    ...common,
    id: 63,
    libzmq: "ZMQ_GSSAPI_PRINCIPAL",
    help: "There is no GSSAPI: throws ENOTSUP. The own name.",
  }),
  gssapiServicePrincipal: bytes({
    ...common,
    id: 64,
    libzmq: "ZMQ_GSSAPI_SERVICE_PRINCIPAL",
    help: "There is no GSSAPI: throws ENOTSUP. The server's name.",
  }),
  gssapiPlainText: bool({
    ...common,
    id: 65,
    libzmq: "ZMQ_GSSAPI_PLAINTEXT",
    default: false,
    help: "There is no GSSAPI: true throws ENOTSUP. Don't encrypt.",
  }),
  gssapiPrincipalNameType: choice({
    ...common,
    id: 90,
    libzmq: "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE",
    values: NAME_TYPES,
    default: "hostBased",
    help: "There is no GSSAPI: anything but `hostBased` throws ENOTSUP. The kind of the own name.",
  }),
  gssapiServicePrincipalNameType: choice({
    ...common,
    id: 91,
    libzmq: "ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
    values: NAME_TYPES,
    default: "hostBased",
    help: "There is no GSSAPI: anything but `hostBased` throws ENOTSUP. The kind of the server's name.",
  }),
} as const
