/** What the views of this part share: a list by pages, a bar of progress, a problem in words. */

import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Progress } from './generator.ts'
import { ROWS } from './pages.ts'
import type { Problem } from './problem.ts'
import { t } from './texts.ts'
import { count, sentence, size } from './words.ts'

interface ListProps {
  readonly title: string
  readonly head: ComponentChildren
  readonly children: ComponentChildren
  readonly total: number
  readonly filter: Signal<string>
  readonly first: Signal<number>
}

/** A table of which one page is there, with a field that narrows it and buttons that turn the pages. */
export function List({ title, head, children, total, filter, first }: ListProps) {
  const id = useId()
  const to = Math.min(first.value + ROWS, total)
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
              first.value = 0
            }}
          />
        </div>
        <div class="pager">
          <button
            type="button"
            class="quiet"
            disabled={first.value === 0}
            onClick={() => (first.value = Math.max(0, first.value - ROWS))}
          >
            {t().previous}
          </button>
          <span aria-live="polite">
            {total === 0 ? t().none : t().span(count(first.value + 1), count(to), count(total))}
          </span>
          <button type="button" class="quiet" disabled={to >= total} onClick={() => (first.value += ROWS)}>
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

export function Bar({ label, progress }: { label: string; progress: Progress }) {
  const { done, total } = progress
  return (
    <div class="progress">
      <progress aria-label={label} max={Math.max(total, 1)} value={done} />
      <span>{progress.closing ? t().closing : t().progress(size(done), size(total))}</span>
    </div>
  )
}

export function Trouble({ problem }: { problem: Problem }) {
  const { text, said } = sentence(problem)
  return (
    <p class="wrong" role="alert" data-problem={problem.code}>
      {text} {said && <q lang="en">{said}</q>}
    </p>
  )
}
