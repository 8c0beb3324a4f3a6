/** The moments that were wanted beside those of what was drawn; and the first values. */

import { isMatrixStrategy, type Sample } from './draw-sample.ts'
import { t } from './texts.ts'
import { formatFigure, formatExpectedStd } from './format-distribution.ts'

export function MomentsTable({ sample }: { sample: Sample }) {
  const { target, request, count, mean, std, kurtosis, min, max } = sample
  // of independent values: the mean varies by std / sqrt(n), the standard deviation by std sqrt((kurtosis - 1) / 4n)
  const independent = !isMatrixStrategy(request) && request.rows.length === 0
  const spread = target && target.std > 0 && independent ? target.std / Math.sqrt(count) : undefined
  const rows = [
    {
      name: t().mean,
      wanted: target && formatFigure(target.mean),
      found: mean,
      off: target && spread && formatStandardErrors(mean - target.mean, spread),
    },
    {
      name: t().std,
      wanted: formatExpectedStd(sample),
      found: std,
      off:
        target &&
        spread &&
        formatStandardErrors(std - target.std, (spread * Math.sqrt(target.kurtosis - 1)) / 2),
    },
    {
      name: t().kurtosis,
      wanted: target && target.std > 0 && formatFigure(target.kurtosis),
      found: kurtosis,
    },
    { name: t().least, wanted: target && formatBound(target.low), found: min },
    { name: t().most, wanted: target && formatBound(target.high), found: max },
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
              <td class="number">{Number.isNaN(found) ? '–' : formatFigure(found)}</td>
              <td class="number">{off || ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function formatStandardErrors(difference: number, error: number): string {
  return (difference / error).toFixed(1).replace('-', '−')
}

function formatBound(value: number): string {
  return Number.isFinite(value) ? formatFigure(value) : value < 0 ? '−∞' : '∞'
}

/** In nine digits, which tell every f32 from its neighbours. */
export function FirstValues({ sample }: { sample: Sample }) {
  return (
    <section>
      <h3>{t().first}</h3>
      <ol class="values" start={0}>
        {sample.firstValues.map((value, i) => (
          <li key={i} class="number">
            {String(Number(value.toPrecision(9))).replace('-', '−')}
          </li>
        ))}
      </ol>
    </section>
  )
}
