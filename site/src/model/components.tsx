/** Components of this part: a table with pages, a progress bar, and a problem in words. */

import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Progress } from './generate-files.ts'
import { ROWS_PER_PAGE } from './paging.ts'
import type { Problem } from './problem.ts'
import { t } from './texts.ts'
import { formatCount, describeProblem, formatBytes } from './format-numbers.ts'

interface PagedTableProps {
  readonly title: string
  readonly head: ComponentChildren
  readonly children: ComponentChildren
  readonly total: number
  readonly filter: Signal<string>
  readonly firstRow: Signal<number>
}

/** A table that shows one page at a time, with a filter and buttons to turn pages. */
export function PagedTable({ title, head, children, total, filter, firstRow }: PagedTableProps) {
  const id = useId()
  const to = Math.min(firstRow.value + ROWS_PER_PAGE, total)
  return (
    <div class="list">
      <div class="turning">
        <div class="control">
          <label for={id}>{t().find}</label>
          <input
            id={id}
            type="text"
            autoComplete="off"
            spellcheck={false}
            value={filter.value}
            onInput={(event) => {
              filter.value = event.currentTarget.value
              firstRow.value = 0
            }}
          />
        </div>
        <div class="pager">
          <button
            type="button"
            class="quiet"
            disabled={firstRow.value === 0}
            onClick={() => (firstRow.value = Math.max(0, firstRow.value - ROWS_PER_PAGE))}
          >
            {t().previous}
          </button>
          <span aria-live="polite">
            {total === 0
              ? t().none
              : t().span(formatCount(firstRow.value + 1), formatCount(to), formatCount(total))}
          </span>
          <button
            type="button"
            class="quiet"
            disabled={to >= total}
            onClick={() => (firstRow.value += ROWS_PER_PAGE)}
          >
            {t().next}
          </button>
        </div>
      </div>
      <div class="scroll" role="region" aria-label={title} tabIndex={0}>
        <table class="tensors">
          <thead>
            <tr>{head}</tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </div>
  )
}

export function ProgressBar({ label, progress }: { label: string; progress: Progress }) {
  const { done, total } = progress
  return (
    <div class="progress">
      <progress aria-label={label} max={Math.max(total, 1)} value={done} />
      <span>{progress.isClosing ? t().closing : t().progress(formatBytes(done), formatBytes(total))}</span>
    </div>
  )
}

export function ProblemMessage({ problem }: { problem: Problem }) {
  const { text, original } = describeProblem(problem)
  return (
    <p class="wrong" role="alert" data-problem={problem.code}>
      {text} {original && <q lang="en">{original}</q>}
    </p>
  )
}
