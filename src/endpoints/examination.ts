import { fromSystemError } from "../base/errors.ts"
import type { Handshake } from "../connections/handshake.ts"
import type { ByteStream, Role } from "../contracts/connection.ts"
import type { Credentials, Verdict } from "../contracts/security.ts"
import type { EndpointOptions, EndpointOwner } from "./socket-endpoint.ts"

type Examinations = Pick<Handshake, "admit" | "examine" | "examinesNull">

const NONE: Examinations = {}

/**
 * Says how the peer of a new stream is examined.
 *
 * - A PLAIN or CURVE server examines each peer's credentials.
 * - Other sockets examine those that connect to them before the handshake, if they have authenticators.
 * - Without security, authentication handlers are asked at both ends where there is a domain, as in libzmq.
 */
export function examinationsOf(
  owner: EndpointOwner,
  role: Role,
  options: EndpointOptions,
  stream: ByteStream,
): Examinations {
  const { authenticate, zapDomain, zapEnforceDomain, securityMechanism } = options
  const isServer = options.plainServer || options.curveServer
  const hasHooks = authenticate.length > 0
  const examine = examinerOf(owner, options, stream)
  if (isServer) return { examine: (credentials, signal) => examine(credentials, signal, "all") }
  const mechanism = securityMechanism === null ? "NULL" : securityMechanism
  const admits = hasHooks && role === "bind"
  const examinesNull =
    mechanism === "NULL" && (zapDomain !== null || (zapEnforceDomain && !hasHooks && role === "bind"))
  if (!admits && !examinesNull) return NONE
  return {
    ...(admits && { admit: signal => examine({ mechanism: "NULL" }, signal, "hooks") }),
    ...(examinesNull && {
      examine: (credentials, signal) => examine(credentials, signal, "handler"),
      examinesNull,
    }),
  }
}

type Examiner = (
  credentials: Credentials,
  signal: AbortSignal,
  whom: "all" | "hooks" | "handler",
) => Promise<Verdict>

/** The code is loaded with the first peer that is examined. */
function examinerOf(owner: EndpointOwner, options: EndpointOptions, stream: ByteStream): Examiner {
  return async (credentials, signal, whom) => {
    try {
      const { examine } = await import("../security/examine.ts")
      return await examine(
        {
          socket: owner,
          credentials,
          local: stream.local,
          remote: stream.remote,
          certificate: stream.certificate,
          hooks: whom === "handler" ? [] : options.authenticate,
          zap: whom === "hooks" ? undefined : { transport: owner.context?.transport("inproc"), options },
        },
        signal,
      )
    } catch (error) {
      return { name: "failed", error: fromSystemError(error) }
    }
  }
}
