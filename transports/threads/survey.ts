import { TimeLimit } from "../../src/base/time-limit.ts"
import { ask } from "./call.ts"

/** Threads have this many milliseconds to answer that they live. */
const PATIENCE = 5000

/** Resolves to the thread's answer, or to undefined when the thread has ended. */
export function answerOf(protocol: string, thread: number, question: object): Promise<unknown> {
  return new Promise(resolve => {
    ask(protocol, thread, question, {
      answered(answer, port) {
        port.close()
        resolve(answer)
      },
      ended: () => resolve(undefined),
    })
  })
}

/** Resolves to true when one promise does. Resolves to false when all resolve to false, or after {@link PATIENCE}. */
export async function anyOf(tests: readonly Promise<boolean>[]): Promise<boolean> {
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
