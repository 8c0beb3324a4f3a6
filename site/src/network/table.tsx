/** The same in figures: where each strategy ends, what it does from layer to layer, and what that amounts to. */

import type { LayerStats } from 'simdinit'
import type { Comparison } from './index.tsx'
import { formatStd } from './layer-charts.tsx'
import { t } from './texts.ts'

/** A change by less than this over all layers is no change that matters. */
const CHANGE_THRESHOLD = 30

/** Above this share of the largest spread there is, ±1 in halves, values sit at the ends of tanh. */
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
          {comparison.candidates.map(({ rival, name, layers }) => {
            const { forward, backward } = computePropagation(layers)
            const verdict = classifySignal(layers, activation)
            return (
              <tr key={rival} data-rival={rival}>
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

/** Activations go from the first layer to the last, gradients from the last to the first. */
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
  if (!(ratio < CHANGE_THRESHOLD)) return 1 // not a number where f32 has overflowed
  return ratio < 1 / CHANGE_THRESHOLD ? -1 : 0
}

type Verdict = 'holds' | 'vanishes' | 'explodes' | 'saturates' | 'saturatesExplodes'

function classifySignal(layers: readonly LayerStats[], activation: string): Verdict {
  const { forward, backward } = computePropagation(layers)
  const [there, back] = [classifyChange(forward), classifyChange(backward)]
  if (activation === 'tanh' && forward.end > SATURATION_STD && back !== 0) {
    return back > 0 ? 'saturatesExplodes' : 'saturates'
  }
  if (there > 0 || back > 0) return 'explodes'
  return there < 0 || back < 0 ? 'vanishes' : 'holds'
}
