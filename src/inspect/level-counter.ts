/** Counts the distinct values of a tensor while they are few: masks, identity matrices, signs, ternary weights. */

/** With more distinct values a tensor is not reported as discrete. */
const MAX_LEVELS = 16

/** The distinct finite values in ascending order, and how often each occurs. */
export interface Levels {
  readonly values: readonly number[]
  readonly counts: readonly number[]
}

export class LevelCounter {
  /** Undefined once there are too many values. */
  private countsByValue: Map<number, number> | undefined = new Map()

  /** Adds `count` values, all equal to `value`, which is finite. */
  add(value: number, count: number): void {
    const { countsByValue } = this
    if (!countsByValue || count === 0) return
    countsByValue.set(value, (countsByValue.get(value) ?? 0) + count) // a Map takes -0 for 0
    if (countsByValue.size > MAX_LEVELS) this.countsByValue = undefined
  }

  /** Adds the first `count` values, which are finite. Stops reading as soon as there are too many different ones. */
  addValues(values: Float32Array, count: number): void {
    for (let start = 0; start < count && this.countsByValue;) {
      const value = values[start]
      let end = start + 1
      while (end < count && values[end] === value) end++
      this.add(value, end - start)
      start = end
    }
  }

  /** Undefined if there are too many values, or none. */
  toLevels(): Levels | undefined {
    if (!this.countsByValue || this.countsByValue.size === 0) return undefined
    const entries = [...this.countsByValue].toSorted(([a], [b]) => a - b)
    return { values: entries.map(([value]) => value), counts: entries.map(([, count]) => count) }
  }
}
