/**
 * The page in English and Chinese. Each part defines its texts in both; a missing text is a type error. The language
 * comes from the address (`lang=zh`), otherwise from the preferences of the browser.
 */

import { computed } from '@preact/signals'
import { requestedLanguage } from './address-state.ts'

export const LANGUAGES = { en: 'English', zh: '中文' } as const
export type Language = keyof typeof LANGUAGES

/** Texts, and functions that insert values into a text. */
type Texts = Readonly<Record<string, string | ((...values: never[]) => string)>>

/** The same keys, with functions of the same values. */
type SameTexts<T extends Texts> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] }

export const language = computed<Language>(() => {
  if (isLanguage(requestedLanguage.value)) return requestedLanguage.value
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
})

function isLanguage(word: string): word is Language {
  return Object.hasOwn(LANGUAGES, word)
}

/** Texts in the language of the page: `const t = defineTexts({ … }, { … })`, then `t().title`. */
export function defineTexts<T extends Texts>(en: T, zh: SameTexts<T>): () => SameTexts<T> {
  return () => (language.value === 'zh' ? zh : (en as SameTexts<T>))
}
