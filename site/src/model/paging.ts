/** Long lists are shown in pages; the worker creates only the current one. */

export interface Page<T> {
  readonly rows: readonly T[]
  /** The length of the filtered list. */
  readonly total: number
}

export const ROWS_PER_PAGE = 15
