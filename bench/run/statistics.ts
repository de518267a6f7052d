/** The value at that share of the sorted values, 0 … 1, by the nearest rank. */
export function quantile(values: ArrayLike<number>, share: number): number {
  return nearestRank(sortedOf(values), share)
}

/** Of round trips. */
export function percentiles(values: ArrayLike<number>): {
  p50: number
  p90: number
  p99: number
  p999: number
} {
  const sorted = sortedOf(values)
  return {
    p50: nearestRank(sorted, 0.5),
    p90: nearestRank(sorted, 0.9),
    p99: nearestRank(sorted, 0.99),
    p999: nearestRank(sorted, 0.999),
  }
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  const sorted = sortedOf(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function sortedOf(values: ArrayLike<number>): Float64Array {
  if (values.length === 0) throw new RangeError("no values")
  return Float64Array.from(values).sort()
}

function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}
