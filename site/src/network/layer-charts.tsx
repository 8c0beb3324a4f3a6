/** Two charts with the same scale: activations and gradients by layer. */

import type { LayerStats } from 'simdinit'
import { Chart, formatNumber } from '../chart.tsx'
import type { Comparison } from './comparison.ts'
import { CANDIDATES } from './network-state.ts'
import { t } from './texts.ts'

/** Powers of ten that the charts show in each direction. */
const MAX_DECADES = 8

export function LayerCharts({ comparison }: { comparison: Comparison }) {
  const forward = createStdSeries(comparison, ({ activation }) => activation.variance)
  const backward = createStdSeries(comparison, ({ gradient }) => gradient.variance)
  const [from, to] = computeScale([...forward, ...backward].flatMap(({ values }) => values))
  const layerNumbers = Array.from({ length: comparison.network.depth }, (_, i) => i + 1)
  const chart = (title: string, series: typeof forward) => (
    <Chart
      title={title}
      summary={t().summary(
        series
          .map(({ label, values }) => t().line(label, formatStd(values[0]), formatStd(values.at(-1)!)))
          .join(' '),
      )}
      xValues={layerNumbers}
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

function createStdSeries({ candidates }: Comparison, variance: (layer: LayerStats) => number) {
  return candidates.map(({ candidate, name, layers }) => ({
    label: name,
    color: CANDIDATES.indexOf(candidate),
    values: layers.map((layer) => Math.sqrt(variance(layer))),
  }))
}

/** The range of the values in whole powers of ten, within the limits of the charts. */
function computeScale(values: readonly number[]): [number, number] {
  const logs = values.filter((value) => value > 0 && value < Infinity).map(Math.log10)
  const low = Math.max(-MAX_DECADES, Math.floor(Math.min(0, ...logs)))
  const high = Math.min(MAX_DECADES, Math.ceil(Math.max(0.1, ...logs)))
  return [10 ** low, 10 ** high]
}

export function formatStd(value: number): string {
  if (Number.isNaN(value) || value === Infinity) return '∞'
  return formatNumber(value, 2)
}
