import { existsSync, readdirSync, readlinkSync } from "node:fs"
import * as v8 from "node:v8"
import { MessagePort, Worker } from "node:worker_threads"

/** What a process has of things that it must give back. */
export interface Resources {
  /** Objects that something still refers to. */
  readonly ports: number
  readonly workers: number
  /** Of the process. */
  readonly threads: number
  readonly files: number
}

/** Collects garbage first. What this runtime or platform can't count is 0; other runtimes than Node keep files of their own. */
export function resources(): Resources {
  return {
    ports: instancesOf(MessagePort),
    workers: instancesOf(Worker),
    threads: entriesOf("/proc/self/task"),
    files: "Deno" in globalThis || "Bun" in globalThis ? 0 : entriesOf("/proc/self/fd"),
  }
}

/** Those of subclasses included, and the prototypes of these. */
// biome-ignore lint/complexity/noBannedTypes: as v8 calls it
export function instancesOf(type: Function): number {
  return "queryObjects" in v8 ? v8.queryObjects(type, { format: "count" }) : 0
}

function entriesOf(directory: string): number {
  return existsSync(directory) ? readdirSync(directory).length : 0
}

/** What there is more of now, and how much more. */
export function beyond(before: Resources): Partial<Resources> {
  const more = Object.entries(resources()).map(
    ([name, count]) => [name, count - before[name as keyof Resources]] as const,
  )
  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** How many sockets this process has open, as the operating system counts; undefined where it doesn't tell. */
export function openSockets(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").filter(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:")
      } catch {
        return false
      }
    }).length
  } catch {
    return undefined
  }
}
