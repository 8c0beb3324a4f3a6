/** Generating: the button, the progress, and what there is in the end. */

import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { Generated, Progress } from './generator.ts'
import { inspect } from './looking.ts'
import { cancel, digest, generate, making, picks, planning } from './making.ts'
import { Bar, Trouble } from './parts.tsx'
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
      {now?.step === 'done' && <Done {...now} downloads={now.saved === 'download'} />}
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

function Done(props: { generated: Generated; downloads: boolean; model: Wanted }) {
  const { generated, downloads, model } = props
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
            <MadeFile {...file} download={downloads} first={i === 0} />
          </li>
        ))}
      </ul>
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
  const progress = useSignal<Progress | undefined>(undefined)
  const sum = useSignal<Outcome<string> | undefined>(undefined)
  useEffect(() => {
    if (first && url) save(url, name)
  }, [url])
  const start = async () => {
    sum.value = undefined
    progress.value = { done: 0, total: blob.size }
    sum.value = await digest(blob, (now) => (progress.value = now))
    progress.value = undefined
  }
  return (
    <>
      {url ? (
        <a href={url} download={name}>
          {t().saveLink(name)}
        </a>
      ) : (
        <code>{name}</code>
      )}{' '}
      {sum.value && 'value' in sum.value ? (
        <code class="sum" data-sum={sum.value.value}>
          {sum.value.value}
        </code>
      ) : progress.value ? (
        <Bar label={t().digesting} progress={progress.value} />
      ) : (
        <button type="button" class="quiet" onClick={() => void start()}>
          {t().digest}
        </button>
      )}
      {sum.value && 'problem' in sum.value && <Trouble problem={sum.value.problem} />}
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
