/**
 * Keeps the state of the page in its address: `#part?field=value&…`, without the fields that have their initial value.
 * An address is checked like any other input: unknown parts, fields and values are ignored.
 *
 *   const state = partState('network', { layers: integer(30, 2, 200), activation: choice(NAMES, 'tanh') })
 *   state.layers.value        a signal of a number that the address follows
 */

import { effect, signal, type Signal } from '@preact/signals'

export const PARTS = ['strategy', 'network', 'train', 'model', 'speed'] as const
export type Part = (typeof PARTS)[number]

/** The initial value of a field, and how its text in the address is read: undefined if it is not valid. */
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

/** An integer in [min, max]. */
export function integerField(initial: number, min: number, max: number): Field<number> {
  const read = (text: string) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN
    return value >= min && value <= max ? value : undefined
  }
  return { initial, parse: read }
}

/** One line of text of at most `maxLength` characters, as it was typed. Its user checks it. */
export function textField(initial: string, maxLength = 200): Field<string> {
  const read = (typed: string) =>
    typed.length <= maxLength && typed.isWellFormed() && !/\p{Cc}/u.test(typed) ? typed : undefined
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

/** The part that is shown, and the language of the address; '' if it has none. */
export const currentPart = signal<Part>('strategy')
export const requestedLanguage = signal('')

const partStates = new Map<Part, PartState>()

/** Parameters of the address for parts that are not loaded yet. */
const pendingParams = new Map<Part, URLSearchParams>()

/** Creates the state of a part, from the address if it names this part. Called once for each part. */
export function createPartState<F extends Fields>(part: Part, fields: F): Signals<F> {
  const signals = Object.fromEntries(
    Object.entries(fields).map(([name, { initial }]) => [name, signal(initial)]),
  )
  partStates.set(part, { fields, signals })
  applyParams(part, pendingParams.get(part) ?? new URLSearchParams())
  pendingParams.delete(part)
  effect(() => {
    formatAddress(part) // reads every signal
    scheduleAddressUpdate()
  })
  return signals as Signals<F>
}

/** Sets all fields of a part to their initial values. */
export function resetPart(part: Part): void {
  applyParams(part, new URLSearchParams())
}

/** The address of a part in its current state, for links. */
export function formatAddress(part: Part, language = requestedLanguage.value): string {
  const search = new URLSearchParams(pendingParams.get(part))
  search.delete('lang')
  const { fields = {}, signals = {} } = partStates.get(part) ?? {}
  for (const [name, { initial }] of Object.entries(fields)) {
    const value = formatField(signals[name].value)
    if (value !== formatField(initial)) search.set(name, value)
  }
  if (language) search.set('lang', language)
  const query = search.toString().replaceAll('%2C', ',')
  return `#${part}${query && `?${query}`}`
}

function formatField(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

function parseAddress(hash: string): { part: Part; search: URLSearchParams } {
  const [, name, query = ''] = /^#([^?]*)\??(.*)$/s.exec(hash.slice(0, 4096)) ?? []
  return { part: PARTS.find((word) => word === name) ?? 'strategy', search: new URLSearchParams(query) }
}

/** Sets the signals of a part from an address. */
function applyParams(part: Part, search: URLSearchParams): void {
  const { fields = {}, signals = {} } = partStates.get(part) ?? {}
  for (const [name, { initial, parse }] of Object.entries(fields)) {
    const text = search.get(name)
    const value = (text === null ? undefined : parse(text)) ?? initial
    if (formatField(value) !== formatField(signals[name].value)) signals[name].value = value
  }
}

function applyAddress(): void {
  const { part, search } = parseAddress(location.hash)
  currentPart.value = part
  requestedLanguage.value = search.get('lang') ?? ''
  if (partStates.has(part)) applyParams(part, search)
  else pendingParams.set(part, search)
}

/** Browsers refuse an address that changes with every movement of a slider, so it follows after a pause. */
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
