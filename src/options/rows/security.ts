/**
 * Security mechanisms are not here yet. Whoever asks for one must not believe to be safe: what would turn it on throws
 * ENOTSUP; what says that it is off is taken.
 */
import { ZmqError } from "../../base/errors.ts"
import { bool, bytes, choice, text } from "../kinds/kinds.ts"
import { ALL } from "./socket-groups.ts"

function refuse(value: unknown): void {
  if (value === false || value === "hostBased") return
  throw new ZmqError("ENOTSUP", {
    reason: "there are no security mechanisms yet: peers would not be checked",
  })
}

const common = { sockets: ALL, check: refuse } as const
const NAME_TYPES = ["hostBased", "userName", "krb5Principal"] as const

export const SECURITY = {
  plainServer: bool({
    ...common,
    id: 44,
    default: false,
  }),
  plainUsername: text({
    ...common,
    id: 45,
    max: 255,
    nullable: true,
  }),
  plainPassword: text({
    ...common,
    id: 46,
    max: 255,
    nullable: true,
  }),
  curveServer: bool({
    ...common,
    id: 47,
    default: false,
  }),
  curvePublicKey: bytes({
    ...common,
    id: 48,
  }),
  curveSecretKey: bytes({
    ...common,
    id: 49,
  }),
  curveServerKey: bytes({
    ...common,
    id: 50,
  }),
  zapDomain: text({
    ...common,
    id: 55,
    max: 255,
  }),
  zapEnforceDomain: bool({
    ...common,
    id: 93,
    default: false,
  }),
  gssapiServer: bool({
    ...common,
    id: 62,
    default: false,
  }),
  gssapiPrincipal: bytes({
    ...common,
    id: 63,
  }),
  gssapiServicePrincipal: bytes({
    ...common,
    id: 64,
  }),
  gssapiPlainText: bool({
    ...common,
    id: 65,
    default: false,
  }),
  gssapiPrincipalNameType: choice({
    ...common,
    id: 90,
    values: NAME_TYPES,
    default: "hostBased",
  }),
  gssapiServicePrincipalNameType: choice({
    ...common,
    id: 91,
    values: NAME_TYPES,
    default: "hostBased",
  }),
} as const
