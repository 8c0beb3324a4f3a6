/** Long lists are shown by pages, of which a worker makes the one that is looked at. */

export interface Page<T> {
  readonly rows: readonly T[]
  /** Of the whole list, as it is filtered. */
  readonly total: number
}

/** Rows of a page. */
export const ROWS_PER_PAGE = 15
