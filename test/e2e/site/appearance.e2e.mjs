/** The appearance of every part: in both languages, on phone and desktop, light and dark. */

import { accessible, fits, rest, WIDTHS } from './site.mjs'

/** As the page's links name them; site/src/state.ts lists them all. */
const PARTS = ['strategy', 'network', 'train', 'model', 'speed']

export const checks = {}
for (const part of PARTS) {
  for (const lang of ['en', 'zh']) {
    checks[`${part}, ${lang}: fits a phone and a desk, and axe finds nothing serious, light or dark`] =
      async (site) => {
        const page = await site.open({ hash: `#${part}?lang=${lang}` })
        for (const [device, width] of Object.entries(WIDTHS)) {
          await page.setViewportSize({ width, height: 900 })
          for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme })
            await page.waitForFunction(
              (theme) => document.documentElement.dataset.theme === theme,
              colorScheme,
            )
            await rest(page)
            await fits(page)
            await accessible(page)
            await site.shoot(page, `${part}-${lang}-${device}-${colorScheme}`)
          }
        }
      }
  }
}
