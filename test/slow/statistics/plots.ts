/** Small multiples as SVG: one panel per distribution. */

// @ts-expect-error plain JavaScript, without types
import { escape, wrapSvg } from '../../../bench/svg-chart.mjs'

export interface Curve {
  /** `ours` is blue, `peer` grey. */
  kind: 'ours' | 'peer'
  points: [x: number, y: number][]
  /** Fills down to y = 0 instead of drawing a line. */
  filled?: boolean
  dashed?: boolean
}

export interface Panel {
  title: string
  x: [low: number, high: number]
  y: [low: number, high: number]
  curves: Curve[]
}

const COLUMN_COUNT = 3
const [WIDTH, HEIGHT, GAP, TOP] = [268, 130, 20, 64]

export function renderPanels(title: string, subtitle: string, list: readonly Panel[]): string {
  const rows = Math.ceil(list.length / COLUMN_COUNT)
  const drawn = list.map((panel, i) =>
    renderPanel(
      panel,
      8 + (i % COLUMN_COUNT) * (WIDTH + GAP),
      TOP + Math.floor(i / COLUMN_COUNT) * (HEIGHT + 56),
    ),
  )
  return wrapSvg(title, subtitle, TOP + rows * (HEIGHT + 56), drawn) as string
}

function renderPanel({ title, x, y, curves }: Panel, left: number, top: number): string {
  const base = top + 20 + HEIGHT
  const across = (v: number) => left + ((v - x[0]) / (x[1] - x[0])) * WIDTH
  const up = (v: number) => base - ((Math.min(y[1], Math.max(y[0], v)) - y[0]) / (y[1] - y[0])) * HEIGHT
  const at = ([a, b]: [number, number]) => `${across(a).toFixed(1)},${up(b).toFixed(1)}`
  const lines = curves.map(({ kind, points, filled, dashed }) => {
    if (filled) {
      const ends = [at([points[0][0], 0]), at([points[points.length - 1][0], 0])]
      return `<polygon class="${kind}" opacity=".45" points="${ends[0]} ${points.map(at).join(' ')} ${ends[1]}"/>`
    }
    const dash = dashed ? ' stroke-dasharray="4 4"' : ''
    return `<polyline fill="none" stroke="${COLORS[kind]}" stroke-width="1.3"${dash} points="${points.map(at).join(' ')}"/>`
  })
  const label = (v: number) => String(Number(v.toPrecision(3))).replace('-', '−')
  return [
    `<text x="${left}" y="${top + 12}" font-size="12">${escape(title)}</text>`,
    ...lines,
    `<path d="M${left} ${base}h${WIDTH}" stroke="${COLORS.peer}" fill="none"/>`,
    `<text x="${left}" y="${base + 15}" font-size="11" opacity=".7">${label(x[0])}</text>`,
    `<text x="${left + WIDTH}" y="${base + 15}" font-size="11" opacity=".7" text-anchor="end">${label(x[1])}</text>`,
  ].join('\n')
}

/** Medium colors, readable on white and on black. */
const COLORS = { ours: '#2f81f7', peer: '#8c959f' }
