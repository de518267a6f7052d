import { surface } from "./clock.ts"

/** These are the tasks of each signal to which we listen. */
const tasksOf = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Runs the task when the signal aborts. All tasks of a signal share one listener, because a program may give one signal to
 * any number of calls, and Node warns of a leak from eleven listeners on.
 *
 * @returns a function that gives the task up
 */
export function onAbort(signal: AbortSignal, task: () => void): () => void {
  const tasks = tasksOf.get(signal) ?? listenTo(signal)
  // Each call has a function of its own, because the same task may be given twice.
  const run = () => task()
  tasks.add(run)
  return () => {
    tasks.delete(run)
    if (tasks.size > 0 || tasksOf.get(signal) !== tasks) return
    tasksOf.delete(signal)
    signal.removeEventListener("abort", aborted)
  }
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const tasks = new Set<() => void>()
  tasksOf.set(signal, tasks)
  signal.addEventListener("abort", aborted)
  return tasks
}

function aborted(this: AbortSignal): void {
  const tasks = tasksOf.get(this)
  tasksOf.delete(this)
  this.removeEventListener("abort", aborted)
  for (const task of tasks ?? []) {
    try {
      task()
    } catch (error) {
      surface(error)
    }
  }
}
