/** How long things are measured. */
export interface Pace {
  /** Seconds that a warm-up takes at least. */
  readonly warmUp: number
  /** Seconds that the timed part takes about. */
  readonly timed: number
  /** Connections, subscriptions and the like are divided by this. */
  readonly scale: number
}

export const FULL: Pace = { warmUp: 0.3, timed: 0.5, scale: 1 }
export const QUICK: Pace = { warmUp: 0.1, timed: 0.15, scale: 10 }

/** Messages of the first round of a warm-up. */
const FIRST_ROUND = 64
/** A round is at most so many times as long as the one before. */
const GROWTH = 8

export interface Round {
  readonly seconds: number
}

/** Ever longer rounds until the warm-up's time is over, then the one that counts, as long as the last speed suggests. */
export async function calibrated<R extends Round>(
  pace: Pace,
  round: (count: number) => Promise<R>,
): Promise<R & { count: number }> {
  let count = FIRST_ROUND
  let spent = 0
  for (;;) {
    const { seconds } = await round(count)
    const speed = count / Math.max(seconds, 1e-6)
    spent += seconds
    if (spent >= pace.warmUp) {
      const counted = Math.max(FIRST_ROUND, Math.round(speed * pace.timed))
      return { ...(await round(counted)), count: counted }
    }
    count = Math.ceil(Math.max(count, Math.min(count * GROWTH, (speed * pace.warmUp) / 2)))
  }
}
