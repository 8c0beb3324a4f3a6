/** Before the first paint: the theme that was chosen here before, if one was. See src/theme.ts. */
try {
  const chosen = localStorage.getItem('simdinit-theme')
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen
} catch {
  // storage is forbidden: the theme is that of the system
}
