/** Applies the stored theme, if there is one, before the first paint. See src/theme.ts. */
try {
  const chosen = localStorage.getItem('simdinit-theme')
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen
} catch {
  // without storage the system decides
}
