import { nextTurn } from "../base/runtime.ts"
import { hold, release } from "./keep-alive.ts"

/**
 * Holds counts the pending operations of one socket. Each of them keeps the process alive, and the socket too: a socket
 * that was collected as garbage is closed only when no operation is pending on it.
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

  /**
   * The socket object was collected, so that nobody can begin a new operation.
   *
   * @param giveUp is called once no operation is pending, in a turn of its own
   */
  collected(giveUp: () => void): void {
    this.#giveUp = giveUp
    this.#giveUpIfIdle()
  }

  #giveUpIfIdle(): void {
    if (this.#count > 0 || this.#giveUp === undefined) return
    const giveUp = this.#giveUp
    // It waits for a turn of its own, because the code that settled the last operation still runs. An event reader may
    // have begun a new one by then.
    nextTurn(() => {
      if (this.#count === 0) giveUp()
    })
  }
}
