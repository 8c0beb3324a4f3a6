/** The predictions of a network: the color of the more likely class, stronger for higher confidence, with the points. */

import { useEffect, useRef } from 'preact/hooks'
import { theme } from '../theme.ts'
import type { Points } from './datasets.ts'
import { GRID_SIZE, PLANE_EXTENT } from './settings.ts'

/** Pixels per side of the canvas; the page scales it to the available space. */
const CANVAS_PIXELS = 320
const POINT_RADIUS = 5

export function DecisionMap({
  values,
  points,
  label,
}: {
  values?: Float32Array
  points: Points
  label: string
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const dark = theme.value === 'dark'
  useEffect(() => drawMap(canvas.current!, points, values), [values, points, dark])
  return (
    <canvas
      class="map"
      ref={canvas}
      width={CANVAS_PIXELS}
      height={CANVAS_PIXELS}
      role="img"
      aria-label={label}
    />
  )
}

function drawMap(canvas: HTMLCanvasElement, points: Points, values?: Float32Array): void {
  const context = canvas.getContext('2d')!
  const style = getComputedStyle(canvas)
  const colors = ['--series-0', '--series-1'].map((name) => style.getPropertyValue(name).trim())
  context.clearRect(0, 0, CANVAS_PIXELS, CANVAS_PIXELS)
  if (values) drawProbabilities(context, colors, values)
  context.lineWidth = 1.5
  context.strokeStyle = style.getPropertyValue('--raised').trim()
  for (const [i, [x, y]] of points.coordinates.entries()) {
    const kind = points.labels[i]
    const [left, top] = [x, -y].map((at) => ((at / PLANE_EXTENT + 1) / 2) * CANVAS_PIXELS)
    context.beginPath()
    if (kind === 0) context.arc(left, top, POINT_RADIUS, 0, 2 * Math.PI)
    else context.rect(left - POINT_RADIUS, top - POINT_RADIUS, 2 * POINT_RADIUS, 2 * POINT_RADIUS)
    context.fillStyle = colors[kind]
    context.fill()
    context.stroke()
  }
}

/** Draws the probabilities of the grid, interpolated. NaN is left out. */
function drawProbabilities(
  context: CanvasRenderingContext2D,
  colors: readonly string[],
  values: Float32Array,
): void {
  const small = new OffscreenCanvas(GRID_SIZE, GRID_SIZE)
  const field = small.getContext('2d')!
  for (const [i, probability] of values.entries()) {
    if (Number.isNaN(probability)) continue
    field.globalAlpha = Math.abs(2 * probability - 1) * 0.5
    field.fillStyle = colors[probability > 0.5 ? 1 : 0]
    field.fillRect(i % GRID_SIZE, Math.floor(i / GRID_SIZE), 1, 1)
  }
  context.imageSmoothingEnabled = true
  context.drawImage(small, 0, 0, CANVAS_PIXELS, CANVAS_PIXELS)
}
