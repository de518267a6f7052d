/**
 * This file runs tasks at the end of a turn and at the end of the process. Sent messages leave at the end of their turn.
 * A process that exits in the middle of a turn never reaches the end of that turn, so the tasks run at its exit.
 */
import { afterMicrotasks, nextTurn, onExit, sharedInProcess, surface } from "./runtime.ts"

/** A turn task is run when the current turn has no microtask left. */
export interface TurnTask {
  endOfTurn(): void
}

/** An exit task is run when the process, or this worker thread, exits. */
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
    // If this task runs, the program has only emitted the event, and the process goes on.
    nextTurn(() => {
      this.exiting = false
    })
    this.#endOfTurn()
    for (const task of this.#atExit) runExitTask(task)
    this.#atExit.clear()
  }
}

// There are two functions, because one that takes a closure would make a closure for each connection in each turn.

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

/** All copies of the library in a process share it, because each would else add a listener of its own. */
const processExit = sharedInProcess("zeromq-ts.process-exit/1", () => new ProcessExit())

/** Runs the task when the turn has no microtask left. While the process exits, it runs at once, because no turn follows. */
export function atEndOfTurn(task: TurnTask): void {
  processExit.atEndOfTurn(task)
}

/**
 * Runs the task when the process, or this worker thread, exits. If it exits already, the task runs at once. The task does
 * not run when the process is killed or the thread is terminated.
 */
export function atExit(task: ExitTask): void {
  processExit.atExit(task)
}

/** Cancels a task that atExit() was given. */
export function notAtExit(task: ExitTask): void {
  processExit.notAtExit(task)
}

/** True once the process exits. Timers and other tasks for later don't run any more then. */
export function isExiting(): boolean {
  return processExit.exiting
}
