/** What is around every part: title, parts, language, theme, and what the engine is. */

import { effect, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { engineInfo } from './engine.ts'
import { language, LANGUAGES, type Language } from './i18n.ts'
import { LOADERS } from './parts.ts'
import { addressOf, part, PARTS, wantedLanguage, type Part } from './state.ts'
import { t } from './texts.ts'
import { theme, toggleTheme } from './theme.ts'

/** Parts that are loaded, and why one could not be. */
const loaded = signal<Partial<Record<Part, ComponentType>>>({})
const failure = signal<string | undefined>(undefined)

async function load(name: Part): Promise<void> {
  failure.value = undefined
  if (loaded.peek()[name]) return
  try {
    const { default: component } = await LOADERS[name]()
    loaded.value = { ...loaded.peek(), [name]: component }
  } catch (error) {
    if (part.peek() === name) failure.value = error instanceof Error ? error.message : String(error)
  }
}

effect(() => void load(part.value))
effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en'
  document.title = `${t()[part.value]} · simdinit`
})

export function Frame() {
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        {t().skip}
      </a>
      <header class="top">
        <div class="name">
          <p class="brand">simdinit</p>
          <h1>{t().title}</h1>
        </div>
        <p class="promise">{t().promise}</p>
        <div class="settings">
          <Languages />
          <button type="button" class="quiet" onClick={toggleTheme}>
            {theme.value === 'dark' ? t().toLight : t().toDark}
          </button>
        </div>
        <nav aria-label={t().parts}>
          <ul>
            {PARTS.map((name) => (
              <li key={name}>
                <a href={addressOf(name)} aria-current={part.value === name ? 'page' : undefined}>
                  {t()[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <Shown />
      </main>
      <footer>
        <EngineLine />
        <p>{t().own}</p>
      </footer>
    </>
  )
}

/** The address is the state, so that the link of its name is a movement, not an address. */
function toMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')!.focus()
}

function Shown() {
  const Component = loaded.value[part.value]
  if (Component) return <Component />
  if (failure.value === undefined) return <p class="waiting">{t().loading}</p>
  return (
    <div role="alert">
      <p class="wrong">{t().failed(failure.value)}</p>
      {/* the whole page: browsers remember a script that failed, and the address has the state */}
      <button type="button" onClick={() => location.reload()}>
        {t().again}
      </button>
    </div>
  )
}

function Languages() {
  return (
    <div class="languages" role="group" aria-label={t().language}>
      {Object.entries(LANGUAGES).map(([tag, name]) => (
        <button
          type="button"
          key={tag}
          class="quiet"
          lang={tag}
          aria-pressed={language.value === tag}
          onClick={() => (wantedLanguage.value = tag as Language)}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

function EngineLine() {
  const info = engineInfo.value
  if (!info) return <p>{t().engineLoading}</p>
  return (
    <p data-engine={info.backend} data-threads={info.threads}>
      {info.backend === 'wasm' ? t().engineWasm(info.threads) : t().engineJs}{' '}
      <span class="hint">
        {t().engineWhy} <q lang="en">{info.reason}</q>
      </span>
    </p>
  )
}
