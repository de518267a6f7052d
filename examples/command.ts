/** What the small examples have in common as commands: signals, and errors in words. */
import { constants } from "node:os"
import { ZmqError } from "zeromq-ts"

/** Runs until it is done or the signal aborts, which it does at Ctrl-C. Arguments that make no sense: throw a UsageError. */
export type Command = (args: readonly string[], signal: AbortSignal) => Promise<void>

export class UsageError extends Error {}

/** Exit codes: 0, 1 for an error of ZeroMQ, 2 for wrong arguments, 128 + n when ended by signal n. */
export async function runCommand(name: string, usage: string, command: Command): Promise<void> {
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Once: the second one ends the process at once.
    process.once(signal, () => {
      process.exitCode = 128 + constants.signals[signal]
      stop.abort()
    })
  }
  try {
    await command(process.argv.slice(2), stop.signal)
  } catch (error) {
    if (!(error instanceof ZmqError || error instanceof UsageError)) throw error
    const wrong = error instanceof UsageError
    console.error(wrong ? usage : `${name}: ${error.message}${error.address ? `: ${error.address}` : ""}`)
    process.exitCode = wrong ? 2 : 1
  }
}
