/** Generation: the button, the progress and the generated files. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { MANIFEST_FILE } from 'simdinit/models'
import type { GenerationResult, Progress } from './generate-files.ts'
import { inspect } from './inspect-state.ts'
import {
  cancel,
  requestDigest,
  generate,
  generation,
  requestManifest,
  canPickTarget,
  isPlanning,
} from './generate-state.ts'
import { ProgressBar, ProblemMessage } from './components.tsx'
import type { SaveTarget } from './save-targets.ts'
import type { PlanSummary, TextFile, PlanRequest } from './plan-service.ts'
import type { Outcome } from './problem.ts'
import { t } from './texts.ts'
import { formatBytes } from './format-numbers.ts'

export function GeneratePanel({ summary }: { summary: PlanSummary }) {
  const now = generation.value
  return (
    <section class="making" aria-label={t().generate} data-step={now?.step ?? 'ready'}>
      {now?.step === 'running' ? (
        <>
          <ProgressBar label={t().generate} progress={now.progress} />
          <button type="button" onClick={cancel}>
            {t().cancel}
          </button>
        </>
      ) : (
        <GenerateButton summary={summary} />
      )}
      {now?.step === 'failed' && <ProblemMessage problem={now.problem} />}
      {now?.step === 'done' && <GenerationDone {...now} />}
      {summary.textFiles.map((file) => (
        <DownloadTextButton key={file.name} {...file} />
      ))}
    </section>
  )
}

function GenerateButton({ summary }: { summary: PlanSummary }) {
  const several = summary.files.length > 1
  const [label, hint] = !canPickTarget(summary.files.length)
    ? [t().download, t().downloadHint]
    : several
      ? [t().saveFolder, t().folderHint]
      : [t().save, t().saveHint]
  return (
    <>
      <button type="button" disabled={isPlanning.value} onClick={() => void generate(summary)}>
        {label}
      </button>
      <p class="hint">{hint}</p>
    </>
  )
}

/** For smaller files the time is mostly that of starting, so no rate is shown. */
const RATE_THRESHOLD_BYTES = 5e7

function GenerationDone(props: {
  generated: GenerationResult
  saved: SaveTarget['kind']
  model: PlanRequest
}) {
  const { generated, saved, model } = props
  const { files, seconds, info } = generated
  const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0)
  return (
    <div class="done">
      <p role="status">
        {bytes < RATE_THRESHOLD_BYTES
          ? t().generated(formatBytes(bytes), seconds.toFixed(2))
          : t().generatedAt(formatBytes(bytes), seconds.toFixed(2), formatBytes(bytes / seconds))}{' '}
        <span class="hint">{t().by(info.backend, String(info.threads))}</span>
      </p>
      <ul>
        {files.map((file, i) => (
          <li key={file.name}>
            <GeneratedFile {...file} download={saved === 'download'} first={i === 0} />
          </li>
        ))}
      </ul>
      <ManifestAction key={files[0].name} isInFolder={saved === 'folder'} />
      <button
        type="button"
        class="quiet"
        onClick={() =>
          void inspect(
            files.map(({ name, blob }) => new File([blob], name)),
            model,
          )
        }
      >
        {t().inspectIt}
      </button>
    </div>
  )
}

/** A generated file. A download gets a link; the first one starts by itself. */
function GeneratedFile({
  name,
  blob,
  download,
  first,
}: {
  name: string
  blob: Blob
  download: boolean
  first: boolean
}) {
  const url = useObjectUrl(blob, download)
  const sum = useTask((onProgress) => requestDigest(blob, onProgress))
  useEffect(() => {
    if (first && url) downloadUrl(url, name)
  }, [url])
  return (
    <>
      {url ? (
        <a href={url} download={name}>
          {t().saveLink(name)}
        </a>
      ) : (
        <code>{name}</code>
      )}{' '}
      <TaskButton task={sum} label={t().digest}>
        {(value) => (
          <code class="sum" data-sum={value}>
            {value}
          </code>
        )}
      </TaskButton>
    </>
  )
}

/** For `simdinit verify`, which does without the page, the preset and the config. */
function ManifestAction({ isInFolder }: { isInFolder: boolean }) {
  const manifest = useTask(requestManifest)
  return (
    <div>
      <TaskButton task={manifest} label={t().makeManifest(MANIFEST_FILE)}>
        {(blob) =>
          isInFolder ? (
            <span>{t().inFolder(MANIFEST_FILE)}</span>
          ) : (
            <AutoDownload name={MANIFEST_FILE} blob={blob} />
          )
        }
      </TaskButton>
      <p class="hint">{t().manifestHint}</p>
    </div>
  )
}

/** A file whose download starts by itself, with a link to repeat it. */
function AutoDownload({ name, blob }: { name: string; blob: Blob }) {
  const url = useObjectUrl(blob, true)
  useEffect(() => {
    if (url) downloadUrl(url, name)
  }, [url])
  return url ? (
    <a href={url} download={name}>
      {t().saveLink(name)}
    </a>
  ) : null
}

/** A task that a button starts. */
interface Task<T> {
  readonly progress: Progress | undefined
  readonly result: Outcome<T> | undefined
  start(): void
}

function useTask<T>(work: (onProgress: (now: Progress) => void) => Promise<Outcome<T>>): Task<T> {
  const progress = useSignal<Progress | undefined>(undefined)
  const result = useSignal<Outcome<T> | undefined>(undefined)
  const start = async () => {
    result.value = undefined
    progress.value = { done: 0, total: 0 }
    result.value = await work((now) => (progress.value = now))
    progress.value = undefined
  }
  return { progress: progress.value, result: result.value, start: () => void start() }
}

/** Shows the button, then the progress, then `children` with the result, or the problem. */
function TaskButton<T>(props: { task: Task<T>; label: string; children: (value: T) => ComponentChildren }) {
  const { progress, result, start } = props.task
  if (result && 'value' in result) return <>{props.children(result.value)}</>
  if (progress && !result) return <ProgressBar label={t().digesting} progress={progress} />
  return (
    <>
      <button type="button" class="quiet" onClick={start}>
        {props.label}
      </button>
      {result && <ProblemMessage problem={result.problem} />}
    </>
  )
}

function downloadUrl(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}

/** The URL of a blob, revoked when the component disappears. */
function useObjectUrl(blob: Blob, wanted: boolean): string | undefined {
  const [url, setUrl] = useState<string | undefined>(undefined)
  useEffect(() => {
    if (!wanted) return undefined
    const objectUrl = URL.createObjectURL(blob)
    setUrl(objectUrl)
    return () => URL.revokeObjectURL(objectUrl)
  }, [blob, wanted])
  return url
}

function DownloadTextButton({ name, text }: TextFile) {
  const start = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    downloadUrl(url, name)
    setTimeout(() => URL.revokeObjectURL(url), 60_000) // long enough for the browser to read it
  }
  return (
    <button type="button" class="quiet" onClick={start}>
      {t().saveText(name)}
    </button>
  )
}
