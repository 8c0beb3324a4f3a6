/** The results as a table: the final standard deviations, the factor per layer, and a verdict. */

import type { LayerStats } from 'simdinit'
import type { Comparison } from './comparison.ts'
import { formatStd } from './layer-charts.tsx'
import { t } from './texts.ts'

/** A signal is stable if it changes by less than this factor over all layers. */
const CHANGE_THRESHOLD = 30

/** Activations of tanh with a larger standard deviation are saturated; the maximum, half −1 and half 1, is 1. */
const SATURATION_STD = 0.85

export function ResultsTable({ comparison }: { comparison: Comparison }) {
  const { activation } = comparison.network
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t().table}>
      <table class="wide">
        <caption>{t().table}</caption>
        <thead>
          <tr>
            <th scope="col">{t().strategy}</th>
            <th scope="col">{t().verdict}</th>
            <th scope="col" class="number">
              {t().last}
            </th>
            <th scope="col" class="number">
              {t().each}
            </th>
            <th scope="col" class="number">
              {t().first}
            </th>
            <th scope="col" class="number">
              {t().each}
            </th>
          </tr>
        </thead>
        <tbody>
          {comparison.candidates.map(({ candidate, name, layers }) => {
            const { forward, backward } = computePropagation(layers)
            const verdict = classifySignal(layers, activation)
            return (
              <tr key={candidate} data-candidate={candidate}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td class={`verdict ${verdict}`}>{t()[verdict]}</td>
                <td class="number">{formatStd(forward.end)}</td>
                <td class="number">{formatLayerRatio(forward)}</td>
                <td class="number">{formatStd(backward.end)}</td>
                <td class="number">{formatLayerRatio(backward)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p class="hint note">{t().note}</p>
    </div>
  )
}

interface Propagation {
  readonly start: number
  readonly end: number
  readonly steps: number
}

/** Activations propagate from the first layer to the last, gradients from the last to the first. */
function computePropagation(layers: readonly LayerStats[]): { forward: Propagation; backward: Propagation } {
  const [first, last, steps] = [layers[0], layers.at(-1)!, layers.length - 1]
  return {
    forward: { start: Math.sqrt(first.activation.variance), end: Math.sqrt(last.activation.variance), steps },
    backward: { start: Math.sqrt(last.gradient.variance), end: Math.sqrt(first.gradient.variance), steps },
  }
}

function formatLayerRatio({ start, end, steps }: Propagation): string {
  const ratio = (end / start) ** (1 / steps)
  return ratio > 0 && ratio < Infinity ? `× ${ratio.toFixed(2)}` : '–'
}

/** 1 if it grows by more than the factor, -1 if it shrinks by more, else 0. */
function classifyChange({ start, end }: Propagation): number {
  const ratio = end / start
  if (!(ratio < CHANGE_THRESHOLD)) return 1 // NaN if f32 has overflowed
  return ratio < 1 / CHANGE_THRESHOLD ? -1 : 0
}

type Verdict = 'stable' | 'vanishes' | 'explodes' | 'saturates' | 'saturatesExplodes'

function classifySignal(layers: readonly LayerStats[], activation: string): Verdict {
  const { forward, backward } = computePropagation(layers)
  const [forwardChange, backwardChange] = [classifyChange(forward), classifyChange(backward)]
  if (activation === 'tanh' && forward.end > SATURATION_STD && backwardChange !== 0) {
    return backwardChange > 0 ? 'saturatesExplodes' : 'saturates'
  }
  if (forwardChange > 0 || backwardChange > 0) return 'explodes'
  return forwardChange < 0 || backwardChange < 0 ? 'vanishes' : 'stable'
}
