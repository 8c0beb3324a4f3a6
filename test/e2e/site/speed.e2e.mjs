/** The part "how fast": it measures everything that runs in this browser, and gives reasons for the rest. */

import assert from 'node:assert/strict'
import { accessible, WIDTHS } from './site.mjs'

async function measure(site, policy) {
  const page = await site.open({ hash: '#speed?size=1', policy })
  await page.getByRole('button', { name: 'Measure' }).click()
  await page.getByText('All 7 rounds are done.').waitFor()
  const rates = await page
    .locator('[data-case]')
    .evaluateAll((rows) =>
      Object.fromEntries(rows.map(({ dataset }) => [dataset.case, Number(dataset.rate)])),
    )
  return { page, rates }
}

const present = (rates) => Object.keys(rates).filter((name) => rates[name] > 0)

export const checks = {
  'speed: threads, one thread, JavaScript, TensorFlow.js and Box–Muller have a bar if the page is isolated':
    async (site) => {
      const { page, rates } = await measure(site, 'strict')
      assert.deepEqual(present(rates), ['threads', 'wasm', 'js', 'tfjs', 'boxMuller'])
      await page.getByText(/WebAssembly on \d+ threads/).waitFor()
      await accessible(page)
      for (const [device, width] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width, height: 900 })
        await site.shoot(page, `speed-measured-${device}`)
      }
    },

  'speed: without isolation there are no threads, and the page reports why': async (site) => {
    const { page, rates } = await measure(site, 'open')
    assert.deepEqual(present(rates), ['wasm', 'js', 'tfjs', 'boxMuller'])
    await page.locator('main').getByText('one thread, because').waitFor()
  },

  'speed: without WebAssembly there is JavaScript, and the page reports why': async (site) => {
    const { page, rates } = await measure(site, 'nowasm')
    assert.deepEqual(present(rates), ['js', 'tfjs', 'boxMuller'])
    await page.locator('main').getByText('js, because wasm failed').waitFor()
  },

  'speed: a measurement can be stopped': async (site) => {
    const page = await site.open({ hash: '#speed?size=16' })
    await page.getByRole('button', { name: 'Measure' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped.').waitFor()
    await page.getByRole('button', { name: 'Measure again' }).waitFor()
  },
}
