import { turnWork } from "../base/turn-work.ts"
import type { UnreadMessages } from "../contracts/connection.ts"
import type { Message } from "../contracts/message.ts"
import type { Leftovers } from "./leftovers.ts"

/**
 * This class holds what the lost connections of a pipe have left unread, the oldest first. Finding a message may take long,
 * because 8 MiB of a peer's bytes may hold PINGs alone. So no more is read in a turn than its work allows.
 */
export class Unread {
  readonly #leftovers: Leftovers
  readonly #onMore: () => void
  #sources: UnreadMessages[] = []
  #awaiting = false

  /** @param onMore is called in a later turn, after next() has found nothing although there may be more */
  constructor(leftovers: Leftovers, onMore: () => void) {
    this.#leftovers = leftovers
    this.#onMore = onMore
  }

  /** True when nothing is left. */
  get empty(): boolean {
    return this.#sources.length === 0
  }

  add(source: UnreadMessages): void {
    this.#sources.push(source)
  }

  /** Returns the next message, if this turn has the time to find it. */
  next(): Message | undefined {
    for (let source = this.#sources[0]; source !== undefined; source = this.#sources[0]) {
      const message = turnWork.left > 0 ? source.next() : undefined
      turnWork.spend(1)
      if (message !== undefined) return message
      if (turnWork.left < 0 || source.postponed) {
        this.#awaitTurn()
        return undefined
      }
      this.#leftovers.drop(this.#sources.shift()!.bytes)
    }
    return undefined
  }

  clear(): void {
    for (const { bytes } of this.#sources) this.#leftovers.drop(bytes)
    this.#sources = []
  }

  #awaitTurn(): void {
    if (this.#awaiting) return
    this.#awaiting = true
    turnWork.later(() => {
      this.#awaiting = false
      this.#onMore()
    })
  }
}
