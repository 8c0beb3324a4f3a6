/** Dark or light: the setting of the system until a person chooses. The browser stores the choice. */

import { computed, effect, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'

const STORAGE_KEY = 'simdinit-theme' // public/theme.js reads it before the first paint
const system = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(system.matches)
system.addEventListener('change', () => (systemDark.value = system.matches))

const { theme: initialTheme } = document.documentElement.dataset
const chosenTheme = signal<Theme | undefined>(
  initialTheme === 'dark' || initialTheme === 'light' ? initialTheme : undefined,
)

export const theme = computed<Theme>(() => chosenTheme.value ?? (systemDark.value ? 'dark' : 'light'))

effect(() => {
  document.documentElement.dataset.theme = theme.value
})

export function toggleTheme(): void {
  chosenTheme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(STORAGE_KEY, chosenTheme.value)
  } catch {
    // without storage the choice lasts as long as the page
  }
}
