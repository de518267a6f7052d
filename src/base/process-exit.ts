/**
 * The end of a turn and the end of the process. Sent messages leave when their turn is over; a process that exits in
 * the midst of a turn never comes to that, so its exit counts as the end of the turn.
 */
import { afterMicrotasks, nextTurn, onExit, sharedInProcess, surface } from "./runtime.ts"

/** Has something to do when the current turn has no microtask left. */
export interface TurnTask {
  endOfTurn(): void
}

/** Has something to do when the process, or this worker thread, exits. */
export interface ExitTask {
  exit(): void
}

class ProcessExit {
  exiting = false
  #due: TurnTask[] = []
  readonly #atExit = new Set<ExitTask>()
  readonly #endOfTurn = (): void => {
    const due = this.#due
    this.#due = []
    for (const task of due) runTurnTask(task)
  }

  constructor() {
    onExit(() => this.#exit())
  }

  atEndOfTurn(task: TurnTask): void {
    if (this.exiting) task.endOfTurn()
    else if (this.#due.push(task) === 1) afterMicrotasks(this.#endOfTurn)
  }

  atExit(task: ExitTask): void {
    if (this.exiting) task.exit()
    else this.#atExit.add(task)
  }

  notAtExit(task: ExitTask): void {
    this.#atExit.delete(task)
  }

  #exit(): void {
    this.exiting = true
    // It isn't the end when somebody has only emitted the event.
    nextTurn(() => {
      this.exiting = false
    })
    this.#endOfTurn()
    for (const task of this.#atExit) runExitTask(task)
    this.#atExit.clear()
  }
}

// (Two functions instead of one that takes a closure, because the first is called for each connection in each turn.)

function runTurnTask(task: TurnTask): void {
  try {
    task.endOfTurn()
  } catch (error) {
    surface(error)
  }
}

function runExitTask(task: ExitTask): void {
  try {
    task.exit()
  } catch (error) {
    surface(error)
  }
}

/** All copies of the library in a process have one, so that many of them add no more listeners than one does. */
const processExit = sharedInProcess("zeromq-ts.process-exit/1", () => new ProcessExit())

/** Runs the task when the turn has no microtask left; at once while the process exits, because no turn follows. */
export function atEndOfTurn(task: TurnTask): void {
  processExit.atEndOfTurn(task)
}

/**
 * Runs the task when the process, or this worker thread, exits; at once when it does so already. Not when the process
 * is killed or the thread terminated.
 */
export function atExit(task: ExitTask): void {
  processExit.atExit(task)
}

/** Takes back what atExit() was given. */
export function notAtExit(task: ExitTask): void {
  processExit.notAtExit(task)
}

/** True once the process exits: nothing that is put off happens any more. */
export function isExiting(): boolean {
  return processExit.exiting
}
