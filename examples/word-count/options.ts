import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { Complaint, reasonOf } from "./complaint.ts"

export const USAGE = `Counts the words of a folder with several processes that talk over ZeroMQ.

  npm run word-count -- [FOLDER] [flags]       count (the project's own folder, when none is given)
    --folder DIR       the same as FOLDER
    --workers N        worker processes on this machine; 0 leaves all to those who join (one per core)
    --chunk KB         size of a work item (1024)
    --bind HOST        interface to listen on, such as 0.0.0.0 for all (127.0.0.1)
    --verify           count again in this process alone, and compare
    --kill-one         kill a worker in the middle of its work, to see that the totals stay right

  npm run word-count -- --join ENDPOINT        help a running count, from any terminal or machine
    --folder DIR       where the counted folder is on this machine, if it is elsewhere
  npm run word-count -- --state ENDPOINT       ask a running count how far it is
`

export interface CountOptions {
  readonly role: "count"
  readonly folder: string
  readonly workers: number
  readonly bytesPerItem: number
  readonly host: string
  readonly verify: boolean
  readonly killOne: boolean
}

export interface JoinOptions {
  readonly role: "join"
  readonly endpoint: string
  readonly folder: string | undefined
}

export type Options =
  | { readonly role: "help" }
  | { readonly role: "state"; readonly endpoint: string }
  | JoinOptions
  | CountOptions

export function parseOptions(args: readonly string[], defaultFolder: string): Options {
  const { values, positionals } = parse(args)
  const folder = values.folder ?? positionals[0]
  if (positionals.length > (values.folder === undefined ? 1 : 0)) throw usage("one folder only")
  if (values.help) return { role: "help" }
  if (values.join !== undefined && values.state !== undefined) throw usage("either --join or --state")
  if (values.state !== undefined) return { role: "state", endpoint: endpoint(values.state) }
  if (values.join !== undefined) return { role: "join", endpoint: endpoint(values.join), folder }
  return {
    role: "count",
    folder: resolve(folder ?? defaultFolder),
    workers: number("--workers", values.workers ?? String(availableParallelism()), 0, 256),
    bytesPerItem: number("--chunk", values.chunk, 1, 65_536) * 1024,
    host: values.bind,
    verify: values.verify,
    killOne: values["kill-one"],
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        folder: { type: "string" },
        workers: { type: "string" },
        chunk: { type: "string", default: "1024" },
        bind: { type: "string", default: "127.0.0.1" },
        verify: { type: "boolean", default: false },
        "kill-one": { type: "boolean", default: false },
        join: { type: "string" },
        state: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    })
  } catch (error) {
    throw usage(reasonOf(error))
  }
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw usage(`${flag} takes a number from ${least} to ${most}, not "${text}"`)
  }
  return value
}

function endpoint(text: string): string {
  if (!/^tcp:\/\/[^/\s]+:\d+$/.test(text))
    throw usage(`"${text}" is no endpoint such as tcp://127.0.0.1:5555`)
  return text
}

function usage(what: string): Complaint {
  return new Complaint(`${what}\n\n${USAGE}`)
}
