import type { OptionValues } from "../options/table.ts"
import type { MakeMechanism } from "../zmtp/mechanism.ts"

/**
 * Loads the mechanism that these options ask for. It is undefined for connections without security. The code is loaded
 * only when it is needed, because most programs don't need it.
 *
 * @param current has the socket's options as they are now, of which a CURVE server takes its keys
 */
export function mechanismOf(
  options: Readonly<OptionValues>,
  current: Readonly<OptionValues>,
): Promise<MakeMechanism> | undefined {
  if (options.securityMechanism === "plain") return options.plainServer ? plainServer() : plainClient(options)
  if (options.securityMechanism === "curve") return curve(options, current)
  return undefined
}

async function curve(
  options: Readonly<OptionValues>,
  current: Readonly<OptionValues>,
): Promise<MakeMechanism> {
  const { curveMechanism } = await import("./curve-mechanism.ts")
  return curveMechanism(options, current)
}

async function plainServer(): Promise<MakeMechanism> {
  const { PlainServer } = await import("../zmtp/mechanisms/plain-server.ts")
  return (local, host) => new PlainServer(local, host)
}

async function plainClient({ plainUsername, plainPassword }: Readonly<OptionValues>): Promise<MakeMechanism> {
  const { PlainClient } = await import("../zmtp/mechanisms/plain-client.ts")
  return (local, host) => new PlainClient(local, host, plainUsername, plainPassword.reveal())
}
