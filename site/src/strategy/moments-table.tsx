/** The expected and the drawn moments, and the first values. */

import { isMatrixStrategy, type Sample } from './draw-sample.ts'
import { t } from './texts.ts'
import { formatFigure, formatExpectedStd } from './format-distribution.ts'

export function MomentsTable({ sample }: { sample: Sample }) {
  const { target, request, count, mean, std, kurtosis, min, max } = sample
  // standard errors of independent values: std / √n of the mean, std · √((kurtosis − 1) / 4n) of the std
  const independent = !isMatrixStrategy(request) && request.rows.length === 0
  const standardError = target && target.std > 0 && independent ? target.std / Math.sqrt(count) : undefined
  const rows = [
    {
      name: t().mean,
      expected: target && formatFigure(target.mean),
      drawn: mean,
      difference: target && standardError && formatStandardErrors(mean - target.mean, standardError),
    },
    {
      name: t().std,
      expected: formatExpectedStd(sample),
      drawn: std,
      difference:
        target &&
        standardError &&
        formatStandardErrors(std - target.std, (standardError * Math.sqrt(target.kurtosis - 1)) / 2),
    },
    {
      name: t().kurtosis,
      expected: target && target.std > 0 && formatFigure(target.kurtosis),
      drawn: kurtosis,
    },
    { name: t().min, expected: target && formatBound(target.low), drawn: min },
    { name: t().max, expected: target && formatBound(target.high), drawn: max },
  ]
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t().moments}>
      <table>
        <caption>{t().moments}</caption>
        <thead>
          <tr>
            <th scope="col">{t().quantity}</th>
            <th scope="col" class="number">
              {t().expected}
            </th>
            <th scope="col" class="number">
              {t().drawn}
            </th>
            <th scope="col" class="number">
              {t().difference}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, expected, drawn, difference }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{expected || '–'}</td>
              <td class="number">{Number.isNaN(drawn) ? '–' : formatFigure(drawn)}</td>
              <td class="number">{difference || ''}</td>
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

/** With nine digits, which identify every f32. */
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
