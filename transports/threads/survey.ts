import { threadId } from "node:worker_threads"
import { TimeLimit } from "../../src/base/time-limit.ts"
import { ask } from "./call.ts"
import type { HoldsQuestion } from "./hear.ts"
import type { NameRegistry } from "./registry.ts"

/** Threads have this many milliseconds to answer that they live. */
const PATIENCE = 5000

/** Resolves to true when the thread holds this very name. A thread that has ended loses all its names here. */
export async function isHeldBy(
  protocol: string,
  thread: number,
  name: string,
  registry: NameRegistry,
): Promise<boolean> {
  return (await answerOf(protocol, thread, name, registry)) === true
}

/** Frees the names of all threads that have ended. Resolves to true as soon as there is one. */
export function anyEnded(protocol: string, registry: NameRegistry): Promise<boolean> {
  const others = [...registry.threads()].filter(thread => thread !== threadId)
  const hasEnded = async (thread: number) => (await answerOf(protocol, thread, "", registry)) === undefined
  return anyOf(others.map(hasEnded))
}

/** Resolves to the thread's answer, or to undefined when the thread has ended. */
function answerOf(protocol: string, thread: number, name: string, registry: NameRegistry): Promise<unknown> {
  return new Promise(resolve => {
    const question: HoldsQuestion = { type: "holds", name }
    ask(protocol, thread, question, {
      answered(answer, port) {
        port.close()
        resolve(answer)
      },
      ended() {
        registry.evict(thread)
        resolve(undefined)
      },
    })
  })
}

/** Resolves to true when one promise does. Resolves to false when all resolve to false, or after {@link PATIENCE}. */
async function anyOf(tests: readonly Promise<boolean>[]): Promise<boolean> {
  let stop = () => {}
  const late = new Promise<boolean>(resolve => {
    const limit = new TimeLimit(PATIENCE, () => resolve(false))
    stop = () => limit.stop()
  })
  const found = new Promise<boolean>(resolve => {
    for (const test of tests) void test.then(yes => yes && resolve(true))
  })
  const all = Promise.all(tests).then(results => results.includes(true))
  const result = await Promise.race([found, all, late])
  stop()
  return result
}
