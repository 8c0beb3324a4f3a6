/** The histogram of what was drawn, against the density that was wanted. */

import { Chart, short } from '../charts.tsx'
import type { Bins, Drawn } from './draw.ts'
import { massIn, type Law } from './law.ts'
import { t } from './texts.ts'
import { count, figure, lawWords, percent, wantedStd } from './words.ts'

export function Picture({ drawn }: { drawn: Drawn }) {
  const { asked, law, bins, count: n, mean, std } = drawn
  const words = (
    <p class="law">
      <span class="hint">{t().law}</span> <strong>{lawWords(asked.distribution)}</strong>
    </p>
  )
  if (!bins) {
    return (
      <section>
        {words}
        <p class="same">{t().same(figure(drawn.least))}</p>
      </section>
    )
  }
  const density = law?.density
  const { centres, width, fractions, beside } = bins
  const wanted = density && centres.map(density)
  const atoms = law?.atoms ?? []
  const top = wanted && atoms.length > 0 ? 1.3 * Math.max(...wanted) : undefined
  const all = count(asked.size)
  return (
    <section>
      {words}
      <Chart
        title={
          !law ? t().chartNoLaw(count(n)) : n < asked.size ? t().chartPart(count(n), all) : t().chart(all)
        }
        summary={t().summary(figure(mean), figure(std), wantedStd(drawn) ?? t().none)}
        places={centres}
        x={{ label: t().value, format: short }}
        y={{
          label: wanted ? t().perUnit : t().share,
          from: 0,
          to: top,
        }}
        series={[
          {
            label: t().drawn,
            kind: 'bars',
            colour: 0,
            values: wanted ? fractions.map((share) => share / width) : fractions,
          },
          ...(wanted ? [{ label: t().wanted, colour: 1, dash: [], values: wanted }] : []),
        ]}
        height={300}
      />
      {law && <p class="hint">{t().shared(percent(sharedBy(bins, law)))}</p>}
      {law &&
        top &&
        atoms.map(({ mass, value }) => (
          <p key={value} class="hint">
            {t().atom(percent(mass), figure(value), massIn(law, value, width) / width > top)}
          </p>
        ))}
      {asked.dtype.startsWith('f8') && <p class="hint">{t().comb(asked.dtype)}</p>}
      {beside > 0 && <p class="hint">{t().beside(percent(beside))}</p>}
    </section>
  )
}

/** The area that histogram and law have in common, of 1. */
function sharedBy({ centres, width, fractions }: Bins, law: Law): number {
  return fractions.reduce((sum, share, i) => sum + Math.min(share, massIn(law, centres[i], width)), 0)
}
