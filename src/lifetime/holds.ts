import { nextTurn } from "../base/runtime.ts"
import { hold, release } from "./keep-alive.ts"

/**
 * What is pending on one socket. Each such operation holds the process, and the socket too: one that the program has
 * lost sight of is given up only when nothing is pending on it.
 */
export class Holds {
  #count = 0
  #giveUp: (() => void) | undefined

  hold(): void {
    this.#count++
    hold()
  }

  release(): void {
    this.#count--
    release()
    this.#giveUpIfIdle()
  }

  /** Nobody can begin anything new: `giveUp` is called once nothing is pending, in a turn of its own. */
  collected(giveUp: () => void): void {
    this.#giveUp = giveUp
    this.#giveUpIfIdle()
  }

  #giveUpIfIdle(): void {
    if (this.#count > 0 || this.#giveUp === undefined) return
    const giveUp = this.#giveUp
    // Not in the middle of what has just settled the last operation. An event reader may be back by then.
    nextTurn(() => {
      if (this.#count === 0) giveUp()
    })
  }
}
