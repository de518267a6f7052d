import { ZmqError } from "../base/errors.ts"
import type { OptionValues } from "../options/table.ts"
import type { MakeMechanism } from "../zmtp/mechanism.ts"

/**
 * Loads the mechanism that these options ask for. It is undefined for connections without security. The code is loaded
 * only when it is needed, because most programs don't need it.
 */
export function mechanismOf(options: Readonly<OptionValues>): Promise<MakeMechanism> | undefined {
  if (options.securityMechanism === "plain") return options.plainServer ? plainServer() : plainClient(options)
  if (options.securityMechanism === "curve") return curve()
  return undefined
}

/** There is no CURVE yet, and such a socket must not talk without it. */
async function curve(): Promise<MakeMechanism> {
  throw new ZmqError("ENOTSUP", { reason: "there is no CURVE yet" })
}

async function plainServer(): Promise<MakeMechanism> {
  const { PlainServer } = await import("../zmtp/mechanisms/plain-server.ts")
  return (local, host) => new PlainServer(local, host)
}

async function plainClient({ plainUsername, plainPassword }: Readonly<OptionValues>): Promise<MakeMechanism> {
  const { PlainClient } = await import("../zmtp/mechanisms/plain-client.ts")
  return (local, host) => new PlainClient(local, host, plainUsername, plainPassword.reveal())
}
