/** The frame around every part: title, navigation, language, theme and the state of the engine. */

import { effect, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { engineInfo } from './engine.ts'
import { language, LANGUAGES, type Language } from './i18n.ts'
import { PART_LOADERS } from './part-loaders.ts'
import { formatAddress, currentPart, PARTS, requestedLanguage, type Part } from './address-state.ts'
import { t } from './texts.ts'
import { theme, toggleTheme } from './theme.ts'

/** The loaded parts, and why the current one could not be loaded. */
const loadedParts = signal<Partial<Record<Part, ComponentType>>>({})
const loadError = signal<string | undefined>(undefined)

async function loadPart(name: Part): Promise<void> {
  loadError.value = undefined
  if (loadedParts.peek()[name]) return
  try {
    const { default: component } = await PART_LOADERS[name]()
    loadedParts.value = { ...loadedParts.peek(), [name]: component }
  } catch (error) {
    if (currentPart.peek() === name) loadError.value = error instanceof Error ? error.message : String(error)
  }
}

effect(() => void loadPart(currentPart.value))
effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en'
  document.title = `${t()[currentPart.value]} · simdinit`
})

export function AppShell() {
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        {t().skip}
      </a>
      <header class="top">
        <div class="name">
          <p class="brand">simdinit</p>
          <h1>{t().title}</h1>
        </div>
        <p class="promise">{t().promise}</p>
        <div class="settings">
          <LanguagePicker />
          <button type="button" class="quiet" onClick={toggleTheme}>
            {theme.value === 'dark' ? t().toLight : t().toDark}
          </button>
        </div>
        <nav aria-label={t().parts}>
          <ul>
            {PARTS.map((name) => (
              <li key={name}>
                <a href={formatAddress(name)} aria-current={currentPart.value === name ? 'page' : undefined}>
                  {t()[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <PartView />
      </main>
      <footer>
        <EngineStatus />
        <p>{t().own}</p>
      </footer>
    </>
  )
}

/** Moves the focus instead of following the link, because the address holds the state. */
function focusMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')!.focus()
}

function PartView() {
  const Component = loadedParts.value[currentPart.value]
  if (Component) return <Component />
  if (loadError.value === undefined) return <p class="waiting">{t().loading}</p>
  return (
    <div role="alert">
      <p class="wrong">{t().failed(loadError.value)}</p>
      {/* reloads the page: browsers cache a failed script, and the address keeps the state */}
      <button type="button" onClick={() => location.reload()}>
        {t().again}
      </button>
    </div>
  )
}

function LanguagePicker() {
  return (
    <div class="languages" role="group" aria-label={t().language}>
      {Object.entries(LANGUAGES).map(([tag, name]) => (
        <button
          type="button"
          key={tag}
          class="quiet"
          lang={tag}
          aria-pressed={language.value === tag}
          onClick={() => (requestedLanguage.value = tag as Language)}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

function EngineStatus() {
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
