/** The histogram of the drawn values with the expected density. */

import { Chart, formatNumber } from '../chart.tsx'
import type { Histogram, Sample } from './draw-sample.ts'
import { computeBinMass, type TargetDistribution } from './density.ts'
import { t } from './texts.ts'
import {
  formatCount,
  formatFigure,
  describeDistribution,
  formatPercent,
  formatExpectedStd,
} from './format-distribution.ts'

export function HistogramChart({ sample }: { sample: Sample }) {
  const { request, target, histogram, count: n, mean, std } = sample
  const heading = (
    <p class="law">
      <span class="hint">{t().law}</span> <strong>{describeDistribution(request.distribution)}</strong>
    </p>
  )
  if (!histogram) {
    return (
      <section>
        {heading}
        <p class="same">{t().same(formatFigure(sample.min))}</p>
      </section>
    )
  }
  const density = target?.density
  const { centers, width, fractions, outsideFraction } = histogram
  const expected = density && centers.map(density)
  const atoms = target?.atoms ?? []
  const top = expected && atoms.length > 0 ? 1.3 * Math.max(...expected) : undefined
  const all = formatCount(request.size)
  return (
    <section>
      {heading}
      <Chart
        title={
          !target
            ? t().chartNoLaw(formatCount(n))
            : n < request.size
              ? t().chartPart(formatCount(n), all)
              : t().chart(all)
        }
        summary={t().summary(formatFigure(mean), formatFigure(std), formatExpectedStd(sample) ?? t().none)}
        xValues={centers}
        x={{ label: t().value, format: formatNumber }}
        y={{
          label: expected ? t().perUnit : t().share,
          from: 0,
          to: top,
        }}
        series={[
          {
            label: t().drawn,
            kind: 'bars',
            color: 0,
            values: expected ? fractions.map((share) => share / width) : fractions,
          },
          ...(expected ? [{ label: t().expected, color: 1, dash: [], values: expected }] : []),
        ]}
        height={300}
      />
      {target && <p class="hint">{t().overlap(formatPercent(computeOverlap(histogram, target)))}</p>}
      {target &&
        top &&
        atoms.map(({ mass, value }) => (
          <p key={value} class="hint">
            {t().atom(
              formatPercent(mass),
              formatFigure(value),
              computeBinMass(target, value, width) / width > top,
            )}
          </p>
        ))}
      {request.dtype.startsWith('f8') && <p class="hint">{t().fewValues(request.dtype)}</p>}
      {outsideFraction > 0 && <p class="hint">{t().outside(formatPercent(outsideFraction))}</p>}
    </section>
  )
}

/** The area shared by the histogram and the target distribution, of 1. */
function computeOverlap({ centers, width, fractions }: Histogram, target: TargetDistribution): number {
  return fractions.reduce(
    (sum, share, i) => sum + Math.min(share, computeBinMass(target, centers[i], width)),
    0,
  )
}
