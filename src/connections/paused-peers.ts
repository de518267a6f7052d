import { clearTimer, type Timer, unrefInterval } from "../base/clock.ts"

/** Paused connections are tried this often, in milliseconds, and at most so many of them at once. */
const INTERVAL = 2000
const MOST_AT_ONCE = 256

/** One paused connection stops to read ahead when it has this many bytes. A last read may bring 64 KiB more. */
export const MOST_AHEAD = 256 * 1024
/** All paused connections of a thread have read ahead at most this many bytes. */
const MOST_AHEAD_TOGETHER = 64 * 1024 * 1024

/** A connection that is paused for long can't notice that its peer has left, because nothing is read. */
export interface PausedConnection {
  /** False once the connection is read again, or has ended. */
  readonly isPaused: boolean
  /** This many bytes were read and not delivered. */
  readonly ahead: number
  /**
   * Does something that fails if the peer has left.
   *
   * @param mayReadAhead false when too many bytes have been read ahead already
   */
  probe(mayReadAhead: boolean): void
}

/**
 * This class sees to it that the paused connections of a thread notice when their peers leave. Otherwise a connection would
 * keep its descriptor for as long as the program doesn't receive.
 */
class PausedPeers {
  /** Those that were tried last come last. Some are not paused any more; they are removed when their turn comes. */
  readonly #connections = new Set<PausedConnection>()
  #timer: Timer | undefined

  add(connection: PausedConnection): void {
    this.#connections.add(connection)
    this.#timer ??= unrefInterval(() => this.#probe(), INTERVAL)
  }

  #probe(): void {
    const all = this.#connections
    let ahead = 0
    for (const connection of all) ahead += connection.ahead
    let left = Math.min(all.size, MOST_AT_ONCE)
    for (const connection of all) {
      if (left-- === 0) break
      all.delete(connection)
      if (!connection.isPaused) continue
      all.add(connection)
      ahead += MOST_AHEAD
      connection.probe(ahead <= MOST_AHEAD_TOGETHER)
    }
    if (all.size > 0) return
    clearTimer(this.#timer)
    this.#timer = undefined
  }
}

/** The paused connections of this thread, for this copy of the library. */
export const pausedPeers = new PausedPeers()
