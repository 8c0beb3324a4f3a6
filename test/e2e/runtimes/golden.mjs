/**
 * The golden set, for any host: every element in the tables of docs/reference/stream.md, and digests over all strategies
 * there in every dtype, from both engines and two threads. It needs nothing but the package, the page's text and
 * `crypto.subtle`.
 */

const ARRAYS = {
  f32: Float32Array,
  bf16: Uint16Array,
  f16: Uint16Array,
  f8_e4m3: Uint8Array,
  f8_e5m2: Uint8Array,
}

/**
 * Runs the golden set: failures by row, digests, and the info of the fast engine.
 *
 * @param simdinit the package's exports
 * @param page the text of docs/reference/stream.md
 * @param options for the fast engine
 */
export async function golden({ createEngine, DTYPES }, page, options) {
  const rows = rowsOf(page)
  const fast = await createEngine({ threads: 2, ...options })
  const plain = await createEngine({ backend: 'js' })
  const failures = []
  for (const [seed, name, distribution, dtype, first, elements] of rows) {
    const expected = elements.split(' ')
    const { strategy, shape } = parse(distribution)
    for (const engine of [fast, plain]) {
      const target = new ARRAYS[dtype](expected.length)
      const options = { seed: JSON.parse(seed), name: JSON.parse(name), dtype, shape, offset: Number(first) }
      engine.fillSync(target, strategy, options)
      const words = dtype === 'f32' ? new Uint32Array(target.buffer) : target
      const found = [...words].map((bits, i) => bits.toString(16).padStart(expected[i].length, '0'))
      if (found.join(' ') !== elements)
        failures.push(`${engine.info.backend}: ${distribution} ${dtype} ${first}`)
    }
  }

  const digests = []
  for (const engine of [fast, plain]) {
    const filled = []
    for (const distribution of new Set(rows.map((row) => row[2]))) {
      const { strategy, shape } = parse(distribution)
      for (const dtype of DTYPES) {
        const size = shape ? shape.reduce((product, n) => product * n, 1) : 20_000
        const target = new ARRAYS[dtype](size)
        try {
          engine.fillSync(target, strategy, { seed: 'golden', name: 'w', dtype, shape })
          filled.push(target)
        } catch (error) {
          if (!(error instanceof RangeError)) throw error // the dtype cannot hold the values
        }
      }
    }
    digests.push(await sha256(filled))
  }

  const [early, late] = [new Float32Array(2 ** 21), new Float32Array(2 ** 21)]
  for (const target of [early, late]) {
    await fast.fill(target, { type: 'normal', mean: 0, std: 1 }, { seed: 'golden', name: 'large' })
    await fast.warmUp() // the second time, the workers have started
  }
  if (early.some((value, i) => value !== late[i])) failures.push('a second fill gave other values')
  const shape = [300, 280]
  const { data: matrix } = await fast.tensor(
    shape,
    { type: 'orthogonal' },
    { seed: 'golden', name: 'matrix' },
  )
  const info = await fast.warmUp()
  await fast.close()
  return { checked: rows.length, failures, digests, threads: await sha256([late, matrix]), info }
}

/** The cells of the page's table of elements. */
function rowsOf(page) {
  const lines = page.split('\n')
  const begin = lines.indexOf('| seed | name | distribution | dtype | first | elements |') + 2
  const rows = []
  for (let line = begin; lines[line].startsWith('|'); line++) {
    rows.push(
      lines[line]
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
  }
  return rows
}

function parse(distribution) {
  const { shape = [], height, width, of, ...strategy } = JSON.parse(distribution)
  if (of) return { strategy: { ...strategy, strategy: of }, shape: [height, width] }
  return { strategy, ...(shape.length > 0 && { shape }) }
}

/** The hex digest of the bytes of arrays, one after the other. */
async function sha256(arrays) {
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const { buffer, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer), at)
    at += byteLength
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
