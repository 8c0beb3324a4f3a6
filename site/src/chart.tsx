/**
 * The chart of all parts, a wrapper of uPlot. It follows the width of its container and the theme. It is a figure with a
 * caption and a text for screen readers, and distinguishes series by dashes as well as by colors.
 *
 * A logarithmic axis plots logarithms, so values that are not positive and finite become gaps.
 */

import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from './theme.ts'

export interface Series {
  readonly label: string
  /** One for each x value; null is a gap. */
  readonly values: readonly (number | null)[]
  /** 'bars' are centered at their x value and as wide as the step. Default 'line'. */
  readonly kind?: 'line' | 'bars'
  /** The number of the color, 0 to 7 (`--series-0` and following in style.css). Default: the index of the series. */
  readonly color?: number
  /** Lengths of dashes and gaps. Default: by color; the first is solid. */
  readonly dash?: readonly number[]
}

export interface Axis {
  readonly label: string
  readonly log?: boolean
  /** The range that is shown, as values also on a logarithmic axis. Default: the range of the series. */
  readonly from?: number
  readonly to?: number
  /** Formats a value. Default: three digits. */
  readonly format?: (value: number) => string
}

export interface ChartProps {
  readonly title: string
  /** What the chart shows, in words. */
  readonly summary: string
  /** The values of the axis, ascending. */
  readonly xValues: readonly number[]
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** In pixels. Default 260. */
  readonly height?: number
}

const DASH_PATTERNS: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3],
  [12, 3, 2, 3],
  [5, 5],
  [14, 5],
  [6, 2],
  [9, 2, 2, 2],
]

export function Chart(props: ChartProps) {
  const { title, summary, xValues, series, x, y } = props
  const host = useRef<HTMLDivElement>(null)
  const at = useSignal<number | null>(null)
  const plot = useRef<UPlot>(undefined)
  const dark = theme.value === 'dark'
  const data = useMemo(() => createPlotData(props), [xValues, series, x.log, y.log])
  const current = useRef(props)
  current.current = props

  // a change of these needs a new plot
  const plotKey = JSON.stringify([
    dark,
    x.label,
    y.label,
    x.log,
    y.log,
    props.height,
    series.map(({ label, kind, color, dash }) => [label, kind, color, dash]),
  ])
  useEffect(() => {
    const container = host.current!
    const created = new UPlot(createPlotOptions(current, container, at), data, container)
    plot.current = created
    const observer = new ResizeObserver(() => {
      const width = container.clientWidth
      if (width > 0 && width !== created.width) created.setSize({ width, height: created.height })
    })
    observer.observe(container)
    return () => {
      observer.disconnect()
      created.destroy()
      plot.current = undefined
    }
  }, [plotKey])
  useEffect(() => {
    if (plot.current && plot.current.data !== data) plot.current.setData(data)
  }, [data])

  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ul class="legend">
        {series.map(({ label, kind, color, dash }, i) => (
          <li key={label}>
            <LegendMark kind={kind} color={color ?? i} dash={dash} />
            {label}
          </li>
        ))}
      </ul>
      <div class="area">
        <div class="plot" ref={host} role="img" aria-label={summary} />
        {at.value !== null && at.value < xValues.length && <Readout {...props} at={at.value} />}
      </div>
    </figure>
  )
}

/** The values under the pointer, shown on the other side of the chart. */
function Readout({ xValues, series, x, y, at }: ChartProps & { at: number }) {
  return (
    <div class={at * 2 < xValues.length ? 'readout right' : 'readout'} aria-hidden="true">
      <p>
        {x.label} {formatOptional(xValues[at], x.format)}
      </p>
      {series.map(({ label, kind, color, dash, values }, i) => (
        <p key={label}>
          <LegendMark kind={kind} color={color ?? i} dash={dash} />
          {formatOptional(values[at], y.format)}
        </p>
      ))}
    </div>
  )
}

/** The line or bar of a series in the legend. */
function LegendMark({
  kind,
  color,
  dash = DASH_PATTERNS[color % 8],
}: {
  kind?: string
  color: number
  dash?: readonly number[]
}) {
  return (
    <svg class="mark" width="26" height="10" aria-hidden="true">
      {kind === 'bars' ? (
        <rect width="26" height="10" fill={`var(--series-${color})`} fill-opacity="0.45" />
      ) : (
        <path
          d="M0 5h26"
          stroke={`var(--series-${color})`}
          stroke-width="2.5"
          stroke-dasharray={dash.join(' ') || undefined}
        />
      )}
    </svg>
  )
}

/** A number with at most `digits` significant digits, such as −0.5 or 2.9·10⁻⁴. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e')
    return `${Number(mantissa)}·10${toSuperscript(Number(exponent))}`.replace(/^1·/, '').replace('-', '−')
  }
  return String(Number(value.toPrecision(digits))).replace('-', '−')
}

export function toSuperscript(value: number): string {
  return [...String(value)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('')
}

function formatOptional(
  value: number | null | undefined,
  format: (value: number) => string = formatNumber,
): string {
  return value === null || value === undefined ? '–' : format(value)
}

function toAxisValue({ log }: Axis, value: number | null): number | null {
  if (!log || value === null) return value
  return value > 0 && value < Infinity ? Math.log10(value) : null
}

function createPlotData({ xValues, series, x, y }: ChartProps): UPlot.AlignedData {
  return [
    xValues.map((value) => toAxisValue(x, value)!),
    ...series.map(({ values }) => values.map((value) => toAxisValue(y, value))),
  ]
}

function createPlotOptions(
  current: { current: ChartProps },
  container: HTMLElement,
  at: { value: number | null },
): UPlot.Options {
  const { x, y, series, height = 260 } = current.current
  const colors = getComputedStyle(container)
  const color = (name: string) => colors.getPropertyValue(name).trim()
  const range = (axis: () => Axis, isX: boolean) => (_: UPlot, min: number | null, max: number | null) =>
    computeRange(axis(), min, max, isX, current.current)
  return {
    width: Math.max(container.clientWidth, 100),
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: range(() => current.current.x, true) },
      y: { range: range(() => current.current.y, false) },
    },
    axes: [
      createAxis(() => current.current.x, x, color, true),
      createAxis(() => current.current.y, y, color, false),
    ],
    series: [{}, ...series.map((one, i) => createSeries(one, one.color ?? i, color))],
    hooks: { setCursor: [({ cursor }) => (at.value = cursor.idx ?? null)] },
  }
}

function computeRange(
  axis: Axis,
  min: number | null,
  max: number | null,
  isX: boolean,
  { xValues, series }: ChartProps,
): [number, number] {
  const limit = (value: number | undefined) => (value === undefined ? undefined : toAxisValue(axis, value)!)
  let low = limit(axis.from) ?? min ?? 0
  let high = limit(axis.to) ?? max ?? 1
  if (low >= high) [low, high] = [low - 0.5, low + 0.5]
  if (isX) {
    const bars = series.some(({ kind }) => kind === 'bars') && xValues.length > 1
    const half = bars ? (xValues[1] - xValues[0]) / 2 : 0
    return [low - half, high + half]
  }
  const margin = (high - low) * 0.06
  return [axis.from === undefined ? low - margin : low, axis.to === undefined ? high + margin : high]
}

function createAxis(
  currentAxis: () => Axis,
  { label, log }: Axis,
  color: (name: string) => string,
  isX: boolean,
): UPlot.Axis {
  const font = '12px system-ui, sans-serif'
  return {
    label,
    labelFont: font,
    labelSize: 20,
    font,
    size: isX ? 32 : (plot, values) => measureAxis(plot, values ?? []),
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1, size: 5 },
    space: isX ? 56 : 34,
    ...(log && { incrs: [1, 2, 3, 5, 10, 20, 50, 100] }),
    values: (_, splits) =>
      splits.map((value) =>
        log ? `10${toSuperscript(value)}` : (currentAxis().format ?? ((x: number) => formatNumber(x)))(value),
      ),
  }
}

/** The width of the longest label of an axis. */
function measureAxis(plot: UPlot, values: readonly string[]): number {
  plot.ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  const widest = Math.max(0, ...values.map((text) => plot.ctx.measureText(text).width))
  return Math.ceil(widest / devicePixelRatio) + 14
}

function createSeries(
  { label, kind, dash }: Series,
  number: number,
  color: (name: string) => string,
): UPlot.Series {
  const stroke = color(`--series-${number % 8}`)
  const bars = UPlot.paths.bars!({ size: [1, Infinity], gap: 1 })
  return kind === 'bars'
    ? {
        label,
        stroke,
        fill: `color-mix(in srgb, ${stroke} 45%, transparent)`,
        width: 0,
        paths: bars,
        points: { show: false },
      }
    : { label, stroke, width: 2, dash: [...(dash ?? DASH_PATTERNS[number % 8])], points: { show: false } }
}
