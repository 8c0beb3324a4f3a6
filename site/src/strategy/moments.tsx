/** The moments that were wanted beside those of what was drawn; and the first values. */

import { isWhole, type Drawn } from './draw.ts'
import { t } from './texts.ts'
import { figure, wantedStd } from './words.ts'

export function Moments({ drawn }: { drawn: Drawn }) {
  const { law, asked, count, mean, std, kurtosis, least, most } = drawn
  // of independent values: the mean varies by std / sqrt(n), the standard deviation by std sqrt((kurtosis - 1) / 4n)
  const independent = !isWhole(asked) && asked.rows.length === 0
  const spread = law && law.std > 0 && independent ? law.std / Math.sqrt(count) : undefined
  const rows = [
    {
      name: t().mean,
      wanted: law && figure(law.mean),
      found: mean,
      off: law && spread && off(mean - law.mean, spread),
    },
    {
      name: t().std,
      wanted: wantedStd(drawn),
      found: std,
      off: law && spread && off(std - law.std, (spread * Math.sqrt(law.kurtosis - 1)) / 2),
    },
    { name: t().kurtosis, wanted: law && law.std > 0 && figure(law.kurtosis), found: kurtosis },
    { name: t().least, wanted: law && bound(law.low), found: least },
    { name: t().most, wanted: law && bound(law.high), found: most },
  ]
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t().moments}>
      <table>
        <caption>{t().moments}</caption>
        <thead>
          <tr>
            <th scope="col">{t().quantity}</th>
            <th scope="col" class="number">
              {t().wanted}
            </th>
            <th scope="col" class="number">
              {t().realised}
            </th>
            <th scope="col" class="number">
              {t().off}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, wanted, found, off }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{wanted || '–'}</td>
              <td class="number">{Number.isNaN(found) ? '–' : figure(found)}</td>
              <td class="number">{off || ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function off(difference: number, error: number): string {
  return (difference / error).toFixed(1).replace('-', '−')
}

function bound(value: number): string {
  return Number.isFinite(value) ? figure(value) : value < 0 ? '−∞' : '∞'
}

/** In nine digits, which tell every f32 from its neighbours. */
export function FirstValues({ drawn }: { drawn: Drawn }) {
  return (
    <section>
      <h3>{t().first}</h3>
      <ol class="values" start={0}>
        {drawn.first.map((value, i) => (
          <li key={i} class="number">
            {String(Number(value.toPrecision(9))).replace('-', '−')}
          </li>
        ))}
      </ol>
    </section>
  )
}
