/** Generating: the button, the progress, and what there is in the end. */

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { MANIFEST } from 'simdinit/models'
import type { Generated, Progress } from './generator.ts'
import { inspect } from './looking.ts'
import { cancel, digest, generate, making, manifest, picks, planning } from './making.ts'
import { Bar, Trouble } from './parts.tsx'
import type { Place } from './places.ts'
import type { Summary, TextFile, Wanted } from './planner.ts'
import type { Outcome } from './problem.ts'
import { t } from './texts.ts'
import { size } from './words.ts'

export function Making({ summary }: { summary: Summary }) {
  const now = making.value
  return (
    <section class="making" aria-label={t().make} data-step={now?.step ?? 'ready'}>
      {now?.step === 'running' ? (
        <>
          <Bar label={t().make} progress={now.progress} />
          <button type="button" onClick={cancel}>
            {t().cancel}
          </button>
        </>
      ) : (
        <Start summary={summary} />
      )}
      {now?.step === 'failed' && <Trouble problem={now.problem} />}
      {now?.step === 'done' && <Done {...now} />}
      {summary.texts.map((file) => (
        <TextButton key={file.name} {...file} />
      ))}
    </section>
  )
}

function Start({ summary }: { summary: Summary }) {
  const several = summary.files.length > 1
  const [label, hint] = !picks(summary.files.length)
    ? [t().download, t().downloadHint]
    : several
      ? [t().saveFolder, t().folderHint]
      : [t().save, t().saveHint]
  return (
    <>
      <button type="button" disabled={planning.value} onClick={() => void generate(summary)}>
        {label}
      </button>
      <p class="hint">{hint}</p>
    </>
  )
}

/** Bytes, of fewer of which the time is that of the start. */
const WORTH_A_RATE = 5e7

function Done(props: { generated: Generated; saved: Place['kind']; model: Wanted }) {
  const { generated, saved, model } = props
  const { files, seconds, info } = generated
  const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0)
  return (
    <div class="done">
      <p role="status">
        {bytes < WORTH_A_RATE
          ? t().made(size(bytes), seconds.toFixed(2))
          : t().madeAt(size(bytes), seconds.toFixed(2), size(bytes / seconds))}{' '}
        <span class="hint">{t().by(info.backend, String(info.threads))}</span>
      </p>
      <ul>
        {files.map((file, i) => (
          <li key={file.name}>
            <MadeFile {...file} download={saved === 'download'} first={i === 0} />
          </li>
        ))}
      </ul>
      <ManifestFile key={files[0].name} written={saved === 'folder'} />
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

/** A file that is made; one that is to be downloaded is, the first by itself. */
function MadeFile({
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
  const url = useUrl(blob, download)
  const sum = useWork((tell) => digest(blob, tell))
  useEffect(() => {
    if (first && url) save(url, name)
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
      <Work of={sum} label={t().digest}>
        {(value) => (
          <code class="sum" data-sum={value}>
            {value}
          </code>
        )}
      </Work>
    </>
  )
}

/** For `simdinit verify`, which does without the page, the preset and the config. */
function ManifestFile({ written }: { written: boolean }) {
  const made = useWork(manifest)
  return (
    <div>
      <Work of={made} label={t().makeManifest(MANIFEST)}>
        {(blob) => (written ? <span>{t().inFolder(MANIFEST)}</span> : <Saved name={MANIFEST} blob={blob} />)}
      </Work>
      <p class="hint">{t().manifestHint}</p>
    </div>
  )
}

/** A file that is saved by itself, and again by its link. */
function Saved({ name, blob }: { name: string; blob: Blob }) {
  const url = useUrl(blob, true)
  useEffect(() => {
    if (url) save(url, name)
  }, [url])
  return url ? (
    <a href={url} download={name}>
      {t().saveLink(name)}
    </a>
  ) : null
}

/** What a button starts: how far it is, and what came of it. */
interface Started<T> {
  readonly progress: Progress | undefined
  readonly made: Outcome<T> | undefined
  start(): void
}

function useWork<T>(work: (tell: (now: Progress) => void) => Promise<Outcome<T>>): Started<T> {
  const progress = useSignal<Progress | undefined>(undefined)
  const made = useSignal<Outcome<T> | undefined>(undefined)
  const start = async () => {
    made.value = undefined
    progress.value = { done: 0, total: 0 }
    made.value = await work((now) => (progress.value = now))
    progress.value = undefined
  }
  return { progress: progress.value, made: made.value, start: () => void start() }
}

/** The button, then the progress, then `children` of what was made, or the trouble. */
function Work<T>(props: { of: Started<T>; label: string; children: (value: T) => ComponentChildren }) {
  const { progress, made, start } = props.of
  if (made && 'value' in made) return <>{props.children(made.value)}</>
  if (progress && !made) return <Bar label={t().digesting} progress={progress} />
  return (
    <>
      <button type="button" class="quiet" onClick={start}>
        {props.label}
      </button>
      {made && <Trouble problem={made.problem} />}
    </>
  )
}

function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}

/** An address of a blob, for as long as it is shown. */
function useUrl(blob: Blob, wanted: boolean): string | undefined {
  const [url, setUrl] = useState<string | undefined>(undefined)
  useEffect(() => {
    if (!wanted) return undefined
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob, wanted])
  return url
}

function TextButton({ name, text }: TextFile) {
  const start = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    save(url, name)
    setTimeout(() => URL.revokeObjectURL(url), 60_000) // when it has surely been read
  }
  return (
    <button type="button" class="quiet" onClick={start}>
      {t().saveText(name)}
    </button>
  )
}
