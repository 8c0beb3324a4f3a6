/** Something that a person starts, watches and may stop: what has become of it, and the controls for that. */

import { batch, signal, type ReadonlySignal } from '@preact/signals'

export type Status = 'ready' | 'loading' | 'running' | 'done' | 'stopped'

export interface RunState {
  readonly status: ReadonlySignal<Status>
  /** Why it could not go on. */
  readonly failure: ReadonlySignal<string | undefined>
  isActive(): boolean
  /** Begins `work`, in the place of one that is under way. `current()` is false once that has been left. */
  start(first: Status, work: (current: () => boolean) => Promise<void>): Promise<void>
  /** The work has come so far. */
  setStatus(status: Status): void
  /** Leaves the work that is under way; false if none is. */
  stop(): boolean
  /** As if nothing had been begun. */
  reset(): void
}

export function createRunState(): RunState {
  const status = signal<Status>('ready')
  const failure = signal<string | undefined>(undefined)
  let newest = 0
  const isActive = () => status.peek() === 'running' || status.peek() === 'loading'
  const leave = (next: Status) => {
    newest++
    status.value = next
  }
  return {
    status,
    failure,
    isActive,
    async start(first, work) {
      const mine = ++newest
      const current = () => mine === newest
      batch(() => {
        failure.value = undefined
        status.value = first
      })
      try {
        await work(current)
        if (current()) status.value = 'done'
      } catch (error) {
        if (!current()) return
        failure.value = error instanceof Error ? error.message : String(error)
        status.value = 'stopped'
      }
    },
    setStatus: (next) => void (status.value = next),
    stop() {
      const was = isActive()
      if (was) leave('stopped')
      return was
    },
    reset: () => leave('ready'),
  }
}

/** Starts it, or stops it. */
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

/** What has become of it, in words. */
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
