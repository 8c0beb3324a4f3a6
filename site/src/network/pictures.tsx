/** Two pictures on one scale: activations by layer, and gradients by layer. */

import type { LayerSpread } from 'simdinit'
import { Chart, short } from '../charts.tsx'
import type { Found } from './index.tsx'
import { RIVALS } from './state.ts'
import { t } from './texts.ts'

/** Powers of ten that are shown to either side: beyond, there is nothing to tell apart. */
const DECADES = 8

export function Pictures({ found }: { found: Found }) {
  const forward = spreadsOf(found, ({ activation }) => activation.variance)
  const backward = spreadsOf(found, ({ gradient }) => gradient.variance)
  const [from, to] = scaleOf([...forward, ...backward].flatMap(({ values }) => values))
  const places = Array.from({ length: found.network.depth }, (_, i) => i + 1)
  const chart = (title: string, series: typeof forward) => (
    <Chart
      title={title}
      summary={t().summary(
        series.map(({ label, values }) => t().line(label, shown(values[0]), shown(values.at(-1)!))).join(' '),
      )}
      places={places}
      x={{ label: t().layer, format: (layer) => (Number.isInteger(layer) ? String(layer) : '') }}
      y={{ label: t().std, log: true, from, to }}
      series={series}
      height={340}
    />
  )
  return (
    <div class="columns">
      {chart(t().forward, forward)}
      {chart(t().backward, backward)}
    </div>
  )
}

function spreadsOf({ rivals }: Found, variance: (layer: LayerSpread) => number) {
  return rivals.map(({ rival, name, layers }) => ({
    label: name,
    colour: RIVALS.indexOf(rival),
    values: layers.map((layer) => Math.sqrt(variance(layer))),
  }))
}

/** From the least to the greatest of what can be shown, in whole powers of ten. */
function scaleOf(values: readonly number[]): [number, number] {
  const logs = values.filter((value) => value > 0 && value < Infinity).map(Math.log10)
  const low = Math.max(-DECADES, Math.floor(Math.min(0, ...logs)))
  const high = Math.min(DECADES, Math.ceil(Math.max(0.1, ...logs)))
  return [10 ** low, 10 ** high]
}

export function shown(value: number): string {
  if (Number.isNaN(value) || value === Infinity) return '∞'
  return short(value, 2)
}
