/** The part "train it": training from different initial weights with TensorFlow.js, in the page. */

import assert from 'node:assert/strict'
import { accessible, WIDTHS } from './site.mjs'

const trained = (page, status) =>
  page.waitForFunction((status) => document.querySelector('[data-status]').dataset.status === status, status)

/** The losses of the last step, by initialization. */
const losses = (page) =>
  page
    .locator('[data-start]')
    .evaluateAll((items) =>
      Object.fromEntries(items.map(({ dataset }) => [dataset.start, Number(dataset.loss)])),
    )

export const checks = {
  'train: He learns two spirals; zeros and too small weights learn nothing, and too large ones diverge':
    async (site) => {
      const page = await site.open({ hash: '#train', policy: 'strict' })
      await page.getByRole('button', { name: 'Train', exact: true }).click()
      await trained(page, 'done')
      const { zeros, small, large, he } = await losses(page)
      assert.ok(he < 0.05, `the loss from He is ${he}`)
      for (const loss of [zeros, small]) assert.ok(Math.abs(loss - Math.LN2) < 1e-3, `a guess has ${loss}`)
      assert.ok(Number.isNaN(large), `the loss from large weights is ${large}`)
      await page.getByText(/^diverged at step \d+/).waitFor()
      await accessible(page)
      for (const [device, width] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width, height: 900 })
        await site.shoot(page, `train-trained-${device}`)
      }
    },

  'train: a stopped run keeps its curves; other settings restart it': async (site) => {
    const page = await site.open({ hash: '#train?steps=1000&data=rings' })
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await page.getByText(/^Step [1-9]\d* of 1000$/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText(/^Stopped after step \d+\.$/).waitFor()
    const before = await losses(page)
    assert.ok(Number.isFinite(before.he))
    await page.getByRole('button', { name: 'Train again' }).click()
    await page.getByText(/^Step [1-9]\d* of 1000$/).waitFor()
    await page.getByLabel('Activation').selectOption('tanh')
    await page.getByText('Step 0 of 1000').waitFor({ state: 'attached' })
    await page.getByText(/^Step [1-9]\d* of 1000$/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByLabel('Points').selectOption('squares')
    await page.getByText('Not trained yet.').waitFor()
  },

  'train: another seed gives other losses, the same seed the same': async (site) => {
    const first = async (seed) => {
      const page = await site.open({ hash: `#train?steps=100&layers=2&seed=${seed}` })
      await page.getByRole('button', { name: 'Train', exact: true }).click()
      await trained(page, 'done')
      return losses(page)
    }
    const [a, again, other] = [await first(3), await first(3), await first(4)]
    assert.deepEqual(a, again)
    assert.notEqual(a.xavier, other.xavier)
  },
}
