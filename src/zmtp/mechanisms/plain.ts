/** The two ends of PLAIN share these rules (RFC 24). */
import { protocolError } from "../../base/errors.ts"
import { type Command, parseCommand } from "../command.ts"

/** These codes say which command is malformed. */
type Malformed = "HELLO" | "WELCOME" | "INITIATE" | "READY" | "ERROR" | "UNSPECIFIED"

export function malformed(command: Malformed, reason: string): Error {
  return protocolError(`ERR_ZMTP_MALFORMED_COMMAND_${command}`, reason)
}

/**
 * Parses a command of a PLAIN handshake. libzmq spells ERROR in a way of its own here: the size and the first letter of
 * the name are one byte, `^`.
 */
export function parsePlain(body: Buffer): Command {
  if (body.toString("latin1", 0, 5) === "^RROR") return { name: "ERROR", data: body.subarray(5) }
  const command = parseCommand(body)
  if (command === undefined) throw malformed("UNSPECIFIED", "a command without a whole name")
  return command
}
