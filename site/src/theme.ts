/** Dark or light: as the system has it, until somebody chooses; the choice stays in this browser. */

import { computed, effect, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'

const KEY = 'simdinit-theme' // public/theme.js reads it before the first paint
const system = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(system.matches)
system.addEventListener('change', () => (systemDark.value = system.matches))

const { theme: before } = document.documentElement.dataset
const chosen = signal<Theme | undefined>(before === 'dark' || before === 'light' ? before : undefined)

export const theme = computed<Theme>(() => chosen.value ?? (systemDark.value ? 'dark' : 'light'))

effect(() => {
  document.documentElement.dataset.theme = theme.value
})

export function toggleTheme(): void {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, chosen.value)
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}
