/** The state of a task that a person starts, watches and may stop, with its button and its status line. */

import { batch, signal, type ReadonlySignal } from '@preact/signals'

export type Status = 'ready' | 'loading' | 'running' | 'done' | 'stopped'

export interface RunState {
  readonly status: ReadonlySignal<Status>
  /** Why it failed. */
  readonly failure: ReadonlySignal<string | undefined>
  isActive(): boolean
  /** Starts `task` and abandons the previous one. `isCurrent()` is false once this task is abandoned. */
  start(initial: Status, task: (isCurrent: () => boolean) => Promise<void>): Promise<void>
  /** Reports the progress of the task. */
  setStatus(status: Status): void
  /** Abandons the running task. Returns false if nothing is running. */
  stop(): boolean
  /** Returns to the state before the first start. */
  reset(): void
}

export function createRunState(): RunState {
  const status = signal<Status>('ready')
  const failure = signal<string | undefined>(undefined)
  let newest = 0
  const isActive = () => status.peek() === 'running' || status.peek() === 'loading'
  const abandon = (next: Status) => {
    newest++
    status.value = next
  }
  return {
    status,
    failure,
    isActive,
    async start(initial, task) {
      const id = ++newest
      const isCurrent = () => id === newest
      batch(() => {
        failure.value = undefined
        status.value = initial
      })
      try {
        await task(isCurrent)
        if (isCurrent()) status.value = 'done'
      } catch (error) {
        if (!isCurrent()) return
        failure.value = error instanceof Error ? error.message : String(error)
        status.value = 'stopped'
      }
    },
    setStatus: (next) => void (status.value = next),
    stop() {
      const wasActive = isActive()
      if (wasActive) abandon('stopped')
      return wasActive
    },
    reset: () => abandon('ready'),
  }
}

/** A button that starts the task, or stops it while it runs. */
export function StartButton(props: {
  run: RunState
  start: string
  stop: string
  onStart: () => void
  onStop: () => void
}) {
  const { run, start, stop, onStart, onStop } = props
  const [text, act] = ['running', 'loading'].includes(run.status.value) ? [stop, onStop] : [start, onStart]
  return (
    <button type="button" onClick={act}>
      {text}
    </button>
  )
}

/** The status of the task, and why it failed. */
export function StatusLine({ run, text, failed }: { run: RunState; text: string; failed: string }) {
  const { status, failure } = run
  return (
    <>
      <p class="hint" role="status" data-status={status.value}>
        {text}
      </p>
      {failure.value && (
        <p class="wrong" role="alert">
          {failed} <span lang="en">{failure.value}</span>
        </p>
      )}
    </>
  )
}
