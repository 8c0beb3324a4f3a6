/** The part "network": its figures are those of simulateNetwork, and it follows the form. */

import assert from 'node:assert/strict'
import { heNormal, normal, simulateNetwork, xavierNormal } from '../../../dist/index.js'
import { address, figure, rest } from './site.mjs'

/** The figures in the row of a strategy: last activations, factor per layer, first gradients, factor per layer. */
function row(page, candidate) {
  return page.locator(`[data-candidate="${candidate}"] td.number`).allInnerTexts()
}

const verdicts = async (page) =>
  Object.fromEntries(
    await page
      .locator('[data-candidate]')
      .evaluateAll((rows) =>
        rows.map((row) => [row.dataset.candidate, row.querySelector('.verdict').innerText]),
      ),
  )

/** The description of a chart for screen readers. */
const chartLabel = (page, title) =>
  page.locator('figure', { hasText: title }).getByRole('img').getAttribute('aria-label')

export const checks = {
  'network: the figures are those of simulateNetwork in Node': async (site) => {
    const page = await site.open({ hash: '#network?lang=en&layers=12&width=64&seed=5&activation=gelu' })
    const options = { depth: 12, width: 64, samples: 64, seed: 5, activation: 'gelu' }
    const strategies = { small: normal({ std: 0.01 }), he: heNormal(), xavier: xavierNormal() }
    for (const [candidate, strategy] of Object.entries(strategies)) {
      const layers = await simulateNetwork(strategy, options)
      const [last, , first] = await row(page, candidate)
      const [forward, backward] = [layers.at(-1).activation, layers[0].gradient].map(({ variance }) =>
        Math.sqrt(variance),
      )
      assert.equal(figure(last), Number(forward.toPrecision(2)), candidate)
      assert.equal(figure(first), Number(backward.toPrecision(2)), candidate)
    }
  },

  'network: ReLU needs He, tanh works with Xavier, and large weights saturate tanh': async (site) => {
    const page = await site.open({ hash: '#network?lang=en' })
    assert.deepEqual(await verdicts(page), {
      small: 'vanishes',
      large: 'explodes',
      xavier: 'vanishes',
      he: 'stable',
      own: 'vanishes',
    })
    await page.getByLabel('Activation').selectOption('tanh')
    await rest(page)
    await page.locator('[data-candidate="large"]', { hasText: 'saturates' }).waitFor()
    const { small, large, xavier } = await verdicts(page)
    assert.deepEqual(
      { small, large, xavier },
      {
        small: 'vanishes',
        large: 'saturates, and its gradient explodes',
        xavier: 'stable',
      },
    )
    assert.match(await chartLabel(page, 'Activations, forward'), /heNormal\(\): [\d.]+ in layer 1/)
  },

  'network: sliders work with the keyboard, and the address keeps their values': async (site) => {
    const page = await site.open({ hash: '#network?lang=en' })
    await page.getByLabel(/^Layers/).focus()
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
    await page.getByLabel('Layers: 35').waitFor()
    await page.getByRole('checkbox', { name: 'orthogonal()' }).focus()
    await page.keyboard.press('Space')
    await page.locator('[data-candidate="orthogonal"]').waitFor()
    await rest(page)
    const hash = await address(page, /layers=35.*orthogonal/)
    const again = await site.open({ hash })
    await again.getByLabel('Layers: 35').waitFor()
    assert.deepEqual(await row(again, 'orthogonal'), await row(page, 'orthogonal'))
  },

  'network: after quick changes the last one is shown, and frames are painted meanwhile': async (site) => {
    const page = await site.open({ hash: '#network?lang=en&width=256' })
    const frames = await page.evaluate(async () => {
      const [layers] = document.querySelectorAll('input[type="range"]')
      let frames = 0
      for (let value = 10; value <= 60; value++) {
        for (const asked of [value - 2, value - 1, value]) {
          layers.value = asked
          layers.dispatchEvent(new Event('input', { bubbles: true }))
        }
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      while (document.querySelector('[aria-busy="true"]')) {
        await new Promise((resolve) => requestAnimationFrame(resolve))
        frames++
      }
      return frames
    })
    assert.ok(frames > 3, `${frames} frames`)
    const layers = await simulateNetwork(heNormal(), { depth: 60, width: 256, samples: 64 })
    const [last] = await row(page, 'he')
    assert.equal(figure(last), Number(Math.sqrt(layers.at(-1).activation.variance).toPrecision(2)))
  },

  'network: where workers are unavailable, the page computes on its own thread': async (site) => {
    const page = await site.open({
      hash: '#network?lang=en&layers=5&width=16',
      allow: /Failed to load resource/,
      before: (page) => page.route(/simulate\.worker/, (route) => route.fulfill({ status: 404 })),
    })
    assert.equal((await verdicts(page)).he, 'stable')
  },

  'network: without any strategy there is a message, and a way back': async (site) => {
    const page = await site.open({ hash: '#network?lang=en&compare=' })
    await page.getByText('No strategy is selected.').waitFor()
    await page.getByRole('checkbox', { name: 'heNormal()' }).check()
    await page.locator('[data-candidate="he"]').waitFor()
    const overflow = await site.open({ hash: '#network?lang=en&layers=100&width=512&compare=large' })
    assert.match((await row(overflow, 'large')).join(' '), /^∞/)
    assert.deepEqual(await verdicts(overflow), { large: 'explodes' })
    await site.shoot(overflow, 'network-overflow')
  },
}
