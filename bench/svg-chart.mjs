/** SVG charts, readable on light and dark pages. */

const WIDTH = 860

export const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

/** A bar chart: a row is { label, value, ours }. */
export function drawBars(title, subtitle, rows) {
  const [left, width, row] = [300, WIDTH, 24]
  const max = Math.max(...rows.map(({ value }) => value))
  const lines = rows.map(({ label, value, ours }, i) => {
    const y = 64 + i * row
    const length = Math.max(1, ((width - left - 80) * value) / max)
    return `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escape(label)}</text>
<rect x="${left}" y="${y + 3}" width="${length.toFixed(1)}" height="${row - 8}" rx="2" class="${ours ? 'ours' : 'baseline'}"/>
<text x="${(left + length + 6).toFixed(1)}" y="${y + 15}">${value.toFixed(0)}</text>`
  })
  return wrapSvg(title, subtitle, 80 + rows.length * row, lines)
}

/** Puts SVG elements below a title, 860 wide. Those of the class `baseline` are gray, those of `ours` blue. */
export function wrapSvg(title, subtitle, height, lines) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escape(title)}">
<style>text{fill:#1f2328}.baseline{fill:#8c959f}.ours{fill:#0969da}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4493f8}}</style>
<text x="8" y="24" font-size="16" font-weight="600">${escape(title)}</text>
<text x="8" y="44" opacity=".7">${escape(subtitle)}</text>
${lines.join('\n')}
</svg>
`
}
