/**
 * The state of the page is in its address: `#part?field=value&…`, fields that have their first value left out. What
 * an address says is checked like any other input: what is no such part, field or value is as if it were not there.
 *
 *   const state = partState('network', { layers: integer(30, 2, 200), activation: choice(NAMES, 'tanh') })
 *   state.layers.value        a signal of a number, in the address from then on
 */

import { effect, signal, type Signal } from '@preact/signals'

export const PARTS = ['strategy', 'network', 'train', 'model', 'speed'] as const
export type Part = (typeof PARTS)[number]

/** How a value of the state is written in the address, and read: undefined for what is none. */
export interface Field<T> {
  readonly initial: T
  readonly parse: (text: string) => T | undefined
}

/** One of the words of a list. */
export function choiceField<T extends string>(list: readonly T[], initial: T): Field<T> {
  return { initial, parse: (text) => list.find((word) => word === text) }
}

/** Several of the words of a list, each once, in the order of the list. */
export function choicesField<T extends string>(
  list: readonly T[],
  initial: readonly T[],
): Field<readonly T[]> {
  return {
    initial,
    parse: (text) => {
      const words = text.split(',')
      return list.filter((word) => words.includes(word))
    },
  }
}

/** A whole number in [least, most]. */
export function integerField(initial: number, least: number, most: number): Field<number> {
  const read = (text: string) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN
    return value >= least && value <= most ? value : undefined
  }
  return { initial, parse: read }
}

/** What a person typed, right or wrong, on one line of at most `most` characters; whoever uses it checks it. */
export function textField(initial: string, most = 200): Field<string> {
  const read = (typed: string) =>
    typed.length <= most && typed.isWellFormed() && !/\p{Cc}/u.test(typed) ? typed : undefined
  return { initial, parse: read }
}

/** Yes or no. */
export function booleanField(initial: boolean): Field<boolean> {
  return { initial, parse: (text) => (text === 'yes' ? true : text === 'no' ? false : undefined) }
}

export type Signals<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? Signal<T> : never }
type Fields = Readonly<Record<string, Field<unknown>>>

interface PartState {
  readonly fields: Fields
  readonly signals: Readonly<Record<string, Signal<unknown>>>
}

/** The part that is shown, and the language that was asked for, '' if none was. */
export const currentPart = signal<Part>('strategy')
export const requestedLanguage = signal('')

const partStates = new Map<Part, PartState>()

/** What the address says of parts that are not loaded yet. */
const pendingParams = new Map<Part, URLSearchParams>()

/** The state of a part, from the address if that is of this part. To be called once a part. */
export function createPartState<F extends Fields>(of: Part, fields: F): Signals<F> {
  const signals = Object.fromEntries(
    Object.entries(fields).map(([name, { initial }]) => [name, signal(initial)]),
  )
  partStates.set(of, { fields, signals })
  applyParams(of, pendingParams.get(of) ?? new URLSearchParams())
  pendingParams.delete(of)
  effect(() => {
    formatAddress(of) // reads every signal
    scheduleAddressUpdate()
  })
  return signals as Signals<F>
}

/** Puts a state back to its first values. */
export function resetPart(of: Part): void {
  applyParams(of, new URLSearchParams())
}

/** The address of a part as it stands; for links. */
export function formatAddress(of: Part, language = requestedLanguage.value): string {
  const search = new URLSearchParams(pendingParams.get(of))
  search.delete('lang')
  const { fields = {}, signals = {} } = partStates.get(of) ?? {}
  for (const [name, { initial }] of Object.entries(fields)) {
    const value = formatField(signals[name].value)
    if (value !== formatField(initial)) search.set(name, value)
  }
  if (language) search.set('lang', language)
  const query = search.toString().replaceAll('%2C', ',')
  return `#${of}${query && `?${query}`}`
}

function formatField(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

function parseAddress(hash: string): { part: Part; search: URLSearchParams } {
  const [, name, query = ''] = /^#([^?]*)\??(.*)$/s.exec(hash.slice(0, 4096)) ?? []
  return { part: PARTS.find((word) => word === name) ?? 'strategy', search: new URLSearchParams(query) }
}

/** Sets the signals of a part from an address. */
function applyParams(of: Part, search: URLSearchParams): void {
  const { fields = {}, signals = {} } = partStates.get(of) ?? {}
  for (const [name, { initial, parse }] of Object.entries(fields)) {
    const said = search.get(name)
    const value = (said === null ? undefined : parse(said)) ?? initial
    if (formatField(value) !== formatField(signals[name].value)) signals[name].value = value
  }
}

function applyAddress(): void {
  const { part: shown, search } = parseAddress(location.hash)
  currentPart.value = shown
  requestedLanguage.value = search.get('lang') ?? ''
  if (partStates.has(shown)) applyParams(shown, search)
  else pendingParams.set(shown, search)
}

/** Browsers refuse an address that changes with every movement of a slider, so it follows after a rest. */
const ADDRESS_DEBOUNCE_MS = 250
let addressTimer: ReturnType<typeof setTimeout> | undefined

function scheduleAddressUpdate(): void {
  clearTimeout(addressTimer)
  addressTimer = setTimeout(() => {
    const address = formatAddress(currentPart.value)
    if (location.hash !== address) history.replaceState(null, '', address)
  }, ADDRESS_DEBOUNCE_MS)
}

applyAddress()
addEventListener('hashchange', applyAddress)
effect(() => {
  formatAddress(currentPart.value)
  scheduleAddressUpdate()
})
