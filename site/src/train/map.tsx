/** What a network says of the plane: the colour of the likelier class, the fuller the surer, and the points over it. */

import { useEffect, useRef } from 'preact/hooks'
import { theme } from '../theme.ts'
import type { Points } from './data.ts'
import { GRID, REACH } from './settings.ts'

/** Pixels of a side, of which the page shows as many as there is room for. */
const SIDE = 320
const POINT = 5

export function Map({ values, points, label }: { values?: Float32Array; points: Points; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const dark = theme.value === 'dark'
  useEffect(() => draw(canvas.current!, points, values), [values, points, dark])
  return <canvas class="map" ref={canvas} width={SIDE} height={SIDE} role="img" aria-label={label} />
}

function draw(canvas: HTMLCanvasElement, points: Points, values?: Float32Array): void {
  const context = canvas.getContext('2d')!
  const style = getComputedStyle(canvas)
  const colours = ['--series-0', '--series-1'].map((name) => style.getPropertyValue(name).trim())
  context.clearRect(0, 0, SIDE, SIDE)
  if (values) drawField(context, colours, values)
  context.lineWidth = 1.5
  context.strokeStyle = style.getPropertyValue('--raised').trim()
  for (const [i, [x, y]] of points.places.entries()) {
    const kind = points.classes[i]
    const [left, top] = [x, -y].map((at) => ((at / REACH + 1) / 2) * SIDE)
    context.beginPath()
    if (kind === 0) context.arc(left, top, POINT, 0, 2 * Math.PI)
    else context.rect(left - POINT, top - POINT, 2 * POINT, 2 * POINT)
    context.fillStyle = colours[kind]
    context.fill()
    context.stroke()
  }
}

/** The probabilities, smoothed between the places that they are known of. One that is no number is left out. */
function drawField(
  context: CanvasRenderingContext2D,
  colours: readonly string[],
  values: Float32Array,
): void {
  const small = new OffscreenCanvas(GRID, GRID)
  const field = small.getContext('2d')!
  for (const [i, probability] of values.entries()) {
    if (Number.isNaN(probability)) continue
    field.globalAlpha = Math.abs(2 * probability - 1) * 0.5
    field.fillStyle = colours[probability > 0.5 ? 1 : 0]
    field.fillRect(i % GRID, Math.floor(i / GRID), 1, 1)
  }
  context.imageSmoothingEnabled = true
  context.drawImage(small, 0, 0, SIDE, SIDE)
}
