/**
 * Mistakes that someone could make in code that decides values, files or reports, for run.mjs to apply. Each has a
 * description, the tests that must catch it (test/<name>.test.ts), and its edits: [file, text that occurs there once,
 * replacement]. Where both engines compute something, both get it wrong: a test that compares the engines with each
 * other must not be enough.
 */

const FILL = 'assembly/fill.ts'
const XOSHIRO = 'assembly/xoshiro.ts'
const CAST = 'assembly/cast.ts'
const STREAM = 'src/rng/stream.ts'
const MAPS = 'src/distributions/transform.ts'
const DTYPES = 'src/numeric/dtypes.ts'
const REQUESTS = 'src/engine/validate-request.ts'
const POOL = 'src/engine/worker-pool.ts'
const WORKER = 'src/engine/worker.js'
const JS = 'src/engine/js-backend.ts'
const ORTHOGONAL = 'assembly/orthogonal.ts'
const JS_ORTHOGONAL = 'src/engine/js-orthogonal.ts'
const STRUCTURED = 'src/engine/matrix-cache.ts'
const SLICES = 'src/engine/element-ranges.ts'
const CUTS = 'src/models/tensor-slices.ts'
const SHARDS = 'src/safetensors/shards.ts'
const FILES = 'src/node/atomic-write.ts'
const FINISH = 'src/node/finalize.ts'
const INIT = 'src/node/init.ts'
const VERIFY = 'src/node/verify.ts'
const COMPANIONS = 'src/node/aux-files.ts'
const PLAN = 'src/models/plan.ts'
const RANK = 'src/node/rank.ts'
const REGISTER = 'src/tfjs/register-initializers.ts'
const STATISTICS = 'src/inspect/stats-accumulator.ts'
const TENSORS = 'src/inspect/inspect-tensors.ts'
const LOOK = 'src/inspect/scan-tensor.ts'
const LOOKERS = 'src/inspect/scanner.ts'
const WASM_PASSES = 'src/inspect/wasm-stats.ts'
const READER = 'src/safetensors/reader.ts'

export const MUTATIONS = [
  {
    what: 'a fill that is stopped does not wait for those who are at a piece of it',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'through(Math.min(Atomics.exchange(claims, 0, ABANDONED), steps) - taken)',
        'through(0 * (Math.min(Atomics.exchange(claims, 0, ABANDONED), steps) - taken))',
      ],
    ],
  },
  {
    what: 'an engine is ready before its workers are',
    tests: ['engine/threads'],
    edits: [[POOL, "await this.run('fill', nothing)?.answered()", "this.run('fill', nothing)"]],
  },
  {
    what: 'lanes 0, 1 swapped with lanes 2, 3',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, 'i64x2.add(a0, a3)), a0), to)', 'i64x2.add(a0, a3)), a0), to + 16)'],
      [XOSHIRO, 'i64x2.add(b0, b3)), b0), to + 16)', 'i64x2.add(b0, b3)), b0), to)'],
      [JS, '8 * firstStep + 2 * lane,', '8 * firstStep + 2 * (lane ^ 2),'],
    ],
  },
  {
    what: 'lanes 2, 3 duplicates of lanes 0, 1',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, 'n = m + GOLDEN', 'n = lane & 1 ? (block << 3) * GOLDEN : m + GOLDEN'],
      [STREAM, '(2 * lane)', '(2 * (lane & 1))'],
    ],
  },
  {
    what: 'the block index masked to 20 bits',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, '(block << 3) * GOLDEN', '((block & 0xfffff) << 3) * GOLDEN'],
      [STREAM, 'const low = (block % 2 ** 32) | 0', 'const low = block % 2 ** 20'],
      [STREAM, 'const high = (block / 2 ** 32) | 0', 'const high = 0'],
    ],
  },
  {
    what: 'the block index cut to 32 bits',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, '(block << 3) * GOLDEN', '((<u64>(<u32>block)) << 3) * GOLDEN'],
      [STREAM, 'const high = (block / 2 ** 32) | 0', 'const high = 0'],
    ],
  },
  {
    what: 'a fill that goes on repeats its first block',
    tests: ['rng/stream'],
    edits: [
      [
        FILL,
        'seed(work, ++block)\n      at = 0\n    }\n    const lead',
        'seed(work, block)\n      at = 0\n    }\n    const lead',
      ],
    ],
  },
  {
    what: 'a fill by the table that goes on repeats its first block',
    tests: ['engine/engines.contract'],
    edits: [
      [
        FILL,
        'seed(work, ++block)\n      at = 0\n    }\n    const next',
        'seed(work, block)\n      at = 0\n    }\n    const next',
      ],
    ],
  },
  {
    what: 'the key without the length of the name',
    tests: ['rng/stream'],
    edits: [[STREAM, 'netstring(aName(name))', '`${aName(name)},`']],
  },
  {
    what: 'seed and name swapped',
    tests: ['rng/stream'],
    edits: [
      [STREAM, 'netstring(seedText(seed)) +', 'netstring(aName(name)) +'],
      [
        STREAM,
        'netstring(aName(name)) +\n      netstring(aText',
        'netstring(seedText(seed)) +\n      netstring(aText',
      ],
    ],
  },
  {
    what: 'one entry of one table of jumps wrong',
    tests: ['rng/stream'],
    edits: [
      [
        'assembly/jump.ts',
        'skip(work, steps)\n      memory',
        'skip(work, steps ^ <u32>(nibble == 63))\n      memory',
      ],
    ],
  },
  {
    what: 'the jump of 512 steps left out',
    tests: ['rng/stream'],
    edits: [['assembly/jump.ts', 'jump < 4; jump++', 'jump < 3; jump++']],
  },
  {
    what: 'the table of the quantile shifted by one entry',
    tests: ['numeric/normal-quantile'],
    edits: [
      [
        'src/numeric/normal-quantile.ts',
        'const FIRST = (127 - 31) << 7',
        'const FIRST = ((127 - 31) << 7) + 1',
      ],
    ],
  },
  {
    what: 'one cell of the tail with the entry of its neighbour',
    tests: ['numeric/normal-quantile'],
    edits: [
      [
        'src/numeric/normal-quantile.ts',
        '\n  return table\n',
        '\n  table.copyWithin(8000, 8002, 8004)\n  return table\n',
      ],
    ],
  },
  {
    what: 'the curvature dropped',
    tests: ['distributions/transform'],
    edits: [
      ['assembly/normal.ts', 'f32x4.add(lanes(work, ONE), f32x4.mul(a, D))', 'lanes(work, ONE)'],
      ['src/numeric/normal-quantile.ts', 'Math.fround(1 + Math.fround(a * D))', '1'],
      [JS, 'round(1 + round(a * D))', '1'],
    ],
  },
  {
    what: 'the lowest bit of the draw lost',
    tests: ['distributions/transform'],
    edits: [
      [XOSHIRO, 'convert_i32x4_s(draws)', 'convert_i32x4_s(v128.andnot(draws, i32x4.splat(1)))'],
      [JS, 'round(round(draw) + 0.5)', 'round(round(draw & ~1) + 0.5)'],
    ],
  },
  {
    what: 'the sign of a draw used for its neighbour too',
    tests: ['distributions/transform'],
    edits: [
      [
        XOSHIRO,
        'convert_i32x4_s(draws)',
        'convert_i32x4_s(v128.bitselect(v128.shuffle<u32>(draws, draws, 0, 0, 2, 2), draws, lanes(work, SIGN)))',
      ],
      [XOSHIRO, 'import { HALF, KEY, STATE }', 'import { HALF, KEY, SIGN, STATE }'],
    ],
  },
  {
    what: 'the sign of the lower side lost',
    tests: ['distributions/transform'],
    edits: [
      ['assembly/truncated.ts', 'v128.xor(f, v128.and(lower, sign))', 'f'],
      [JS, 'upper ? g : -g', 'g'],
    ],
  },
  {
    what: 'the draws divided evenly between the sides of the mean',
    tests: ['distributions/transform'],
    edits: [[MAPS, '(2 ** 32 * (2 ** 31 - base)) / extent', '2 ** 31']],
  },
  {
    what: 'std rounded before it is multiplied',
    tests: ['distributions/transform'],
    edits: [
      [
        MAPS,
        "kind: 'normal', scale: Math.fround(std * Math",
        "kind: 'normal', scale: Math.fround(Math.fround(std) * Math",
      ],
    ],
  },
  {
    what: 'the clamp at low dropped',
    tests: ['engine/engines.contract'],
    edits: [
      [
        'assembly/affine.ts',
        'f32x4.pmin(f32x4.pmax(v, lanes(work, LOW)), lanes(work, HIGH))',
        'f32x4.pmin(v, lanes(work, HIGH))',
      ],
      [JS, 'v < low ? low : v > high ? high : v', 'v < -Infinity ? low : v > high ? high : v'],
    ],
  },
  {
    what: 'the clamp at high dropped',
    tests: ['engine/engines.contract'],
    edits: [
      [
        'assembly/affine.ts',
        'f32x4.pmin(f32x4.pmax(v, lanes(work, LOW)), lanes(work, HIGH))',
        'f32x4.pmax(v, lanes(work, LOW))',
      ],
      ['assembly/affine.ts', 'f32x4.pmin(v, lanes(changetype<usize>(this), HIGH))', 'v'],
      [JS, 'v < low ? low : v > high ? high : v', 'v < low ? low : v > Infinity ? high : v'],
    ],
  },
  {
    what: 'high itself reached by a uniform',
    tests: ['distributions/transform'],
    edits: [[MAPS, 'greatest(dtype, high, !inclusive)', 'greatest(dtype, high, !inclusive && high < low)']],
  },
  {
    what: 'a bound left out that the next cell reaches',
    tests: ['distributions/transform'],
    edits: [[MAPS, 'return [quantile(first), quantile(', 'return [quantile(first), 0 * quantile(']],
  },
  {
    what: 'the loop for mean 0 where the mean is small',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'load<f32>(work, MEAN) == 0', 'abs(load<f32>(work, MEAN)) < 0.001']],
  },
  {
    what: 'bf16 with ties away from 0',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [CAST, 'i32x4.add(x, i32x4.add(bias, even))', 'i32x4.add(x, i32x4.add(bias, last))'],
      [DTYPES, '0x7fff + ((x >>> 16) & 1)', '0x8000'],
    ],
  },
  {
    what: 'f16 and f8 rounded towards 0',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [
        CAST,
        'i32x4.sub(f32x4.add(v128.andnot(x, lanes(work, SIGN)), lifted), lifted)',
        'i32x4.sub(f32x4.add(f32x4.mul(v128.andnot(x, lanes(work, SIGN)), f32x4.splat(0.9999)), lifted), lifted)',
      ],
    ],
  },
  {
    what: 'subnormals of f16 and f8 with the place of normal values',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [CAST, 'i32x4.max_s(v128.and(x, lanes(work, EXPONENT)), least)', 'v128.and(x, lanes(work, EXPONENT))'],
    ],
  },
  {
    what: 'the lead of the first piece ignored',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'const from = draws + ((<usize>lead) << 2)', 'const from = draws']],
  },
  {
    what: 'the ragged last step of a piece missing',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'const steps = (next + 7) >> 3', 'const steps = next >> 3']],
  },
  {
    what: 'the second buffer of draws where the first one spills',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'let other = draws + PIECE_BYTES', 'let other = draws + PIECE_BYTES - 64']],
  },
  {
    what: 'the offset ignored',
    tests: ['engine/engines.contract'],
    edits: [[REQUESTS, 'target, runs: first, zeros }', 'target, runs: first * 0, zeros }']],
  },
  {
    what: 'a piece skipped by the thread that asks',
    tests: ['engine/threads'],
    edits: [[POOL, 'return Atomics.add(claims, 0, 1)', 'return Atomics.add(claims, 0, 2)']],
  },
  {
    what: 'a piece counted by a worker that did not fill it',
    tests: ['engine/threads'],
    edits: [
      [
        WORKER,
        'const start = index * piece',
        'if (index % 3 === 2) continue\n    const start = index * piece',
      ],
    ],
  },
  {
    what: 'a piece that a worker fills one element further on',
    tests: ['engine/threads'],
    edits: [[WORKER, 'first + start, end - start', 'first + start + 1, end - start']],
  },
  {
    what: 'the last piece of a worker not cut at the end',
    tests: ['engine/threads'],
    edits: [[WORKER, 'Math.min(start + piece, count)', 'start + piece']],
  },
  {
    what: 'batches that run at the same time count in one place',
    tests: ['engine/threads'],
    edits: [[POOL, 'counters.pop()', 'counters[0]']],
  },
  {
    what: 'a batch is done when the first worker is',
    tests: ['engine/threads'],
    edits: [[POOL, 'if (steps === wanted) resolve(true)', 'if (steps >= 0) resolve(true)']],
  },
  {
    what: 'one window where there should be two',
    tests: ['engine/threads'],
    edits: [['src/engine/scheduler.ts', 'windows[(start / WINDOW) % 2]', 'windows[0]']],
  },
  {
    what: 'what a lost worker leaves is not filled again',
    tests: ['engine/threads'],
    edits: [['src/engine/scheduler.ts', 'this.backend.fill(stretch) // a worker', '// a worker']],
  },
  {
    what: 'a map remembered for another dtype',
    tests: ['engine/engines.contract'],
    edits: [[MAPS, 'last?.dtype !== dtype ||', '!last ||']],
  },
  {
    what: 'a map remembered for another distribution',
    tests: ['distributions/transform', 'engine/engines.contract'],
    edits: [[MAPS, "['value', 'mean', 'std', 'low', 'high']", "['value', 'mean', 'std', 'low']"]],
  },
  {
    what: 'a truncated normal of unequal bounds without its mean of 0',
    tests: ['distributions/transform'],
    edits: [[FILL, 'TruncatedNormal<Fold, Shifted, Clamped>', 'TruncatedNormal<Fold, Centered, Clamped>']],
  },
  {
    what: 'the least value from a small negative one on is +0',
    tests: ['numeric/dtypes'],
    edits: [[DTYPES, 'low === 0 && x < 0 ? -0 : decode(low)', 'decode(low)']],
  },
  {
    what: 'a std refused too late by a hundredth',
    tests: ['reference/stream-check'],
    edits: [[MAPS, 'const REACH = 6.338', 'const REACH = 6.27']],
  },
  {
    what: 'an orthogonal matrix without the signs of its columns',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '((<usize>a) << 2), -sign)', '((<usize>a) << 2), 1)'],
      [JS_ORTHOGONAL, 'signs[a] = -sign', 'signs[a] = 1'],
    ],
  },
  {
    what: 'an orthogonal matrix that is always a rotation, or always not',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '((<usize>a) << 2), sign)', '((<usize>a) << 2), 1)'],
      [JS_ORTHOGONAL, 'signs[a] = sign // the last', 'signs[a] = 1 // the last'],
    ],
  },
  {
    what: 'reflections that all draw the same normals',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '<f64>k * <f64>rows + <f64>k, rows - k)', '<f64>k, rows - k)'],
      [JS_ORTHOGONAL, 'draw(k * rows + k, rows - k)', 'draw(k, rows - k)'],
    ],
  },
  {
    what: 'reflections of a panel as if they did not meet',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '<f32>(-tau * sum))', '0)'],
      [JS_ORTHOGONAL, '= -tau[j] * sum', '= 0'],
    ],
  },
  {
    what: 'panels applied from the first to the last',
    tests: ['reference/stream-check'],
    edits: [
      [
        'src/engine/wasm-orthogonal.ts',
        'kernel.reflect(0, scratch, strip, panel)',
        'kernel.reflect(0, scratch, strip, Math.min(panels, reached) - 1 - panel)',
      ],
      [
        JS_ORTHOGONAL,
        'panel = Math.ceil((first + width) / PANEL) - 1; panel >= 0; panel--',
        'panel = 0; panel < Math.ceil((first + width) / PANEL); panel++',
      ],
    ],
  },
  {
    what: 'a panel left out by a worker',
    tests: ['distributions/matrix-plan'],
    edits: [[WORKER, 'panel >= 0; panel--) reflect', 'panel > 0; panel--) reflect']],
  },
  {
    what: 'a strip that begins with what the one before left',
    tests: ['distributions/matrix-plan'],
    edits: [[ORTHOGONAL, 'memory.fill(scratch, 0, <usize>padded(rows) * STRIP_ROW)', '']],
  },
  {
    what: 'a matrix kept for another gain',
    tests: ['distributions/matrix-plan'],
    edits: [[STRUCTURED, 'JSON.stringify(map.form.matrix)', 'map.form.matrix.rows']],
  },
  {
    what: 'the steps of a lost worker are not done again',
    tests: ['distributions/matrix-plan'],
    edits: [
      [
        'src/engine/scheduler.ts',
        'if (!whole) await beside(alone()',
        'if (!whole && steps < 0) await beside(alone()',
      ],
    ],
  },
  {
    what: 'zeros of a sparse matrix by the draws of its values',
    tests: ['reference/stream-check'],
    edits: [[REQUESTS, "keyOf(seed, name, 'sparse')", 'keyOf(seed, name)']],
  },
  {
    what: 'one zero too few in a sparse column',
    tests: ['distributions/matrix-plan'],
    edits: [
      ['src/distributions/matrix-plan.ts', 'Math.ceil(sparsity * rows)', 'Math.floor(sparsity * rows)'],
    ],
  },
  {
    what: 'a row of zeros one element late',
    tests: ['strategies/zero-rows', 'reference/stream-check'],
    edits: [['src/distributions/distribution.ts', 'first: row * width,', 'first: row * width + 1,']],
  },
  {
    what: 'the rest of a fill after a row of zeros is drawn from its beginning',
    tests: ['strategies/zero-rows'],
    edits: [
      [REQUESTS, 'at: at + first - start, first, count', 'at: at + first - start, first: start, count'],
    ],
  },
  {
    what: "T5's keys as narrow as its queries",
    tests: ['models/families', 'models/recipes'],
    edits: [
      [
        'src/models/families/t5.ts',
        "scope.linear('k', 'key', width, heads * headDim, scaled(width))",
        "scope.linear('k', 'key', width, heads * headDim, scaled(width * headDim))",
      ],
    ],
  },
  {
    what: "Gemma's norms begin at 1",
    tests: ['models/families'],
    edits: [
      ['src/models/families/gemma.ts', '{ hf: zeros() }', '{}'],
      ['src/models/families/gemma.ts', "import { zeros } from '../strategies.ts'\n", ''],
    ],
  },
  {
    what: "Mamba's kaiming_uniform_ is normal",
    tests: ['models/families'],
    edits: [
      ['src/models/families/mamba.ts', "distribution: 'uniform', gain", "distribution: 'normal', gain"],
    ],
  },
  {
    what: 'the general rule is uniform, with the same std',
    tests: ['models/families'],
    edits: [
      [
        'src/models/model-builder.ts',
        "import { normal, ones, zeroRows, zeros, type Strategy } from '../strategies.ts'\n",
        "import { ones, uniform, zeroRows, zeros, type Strategy } from '../strategies.ts'\n" +
          'const normal = ({ std }: { std: number }) => uniform({ low: -std * 3 ** 0.5, high: std * 3 ** 0.5 })\n',
      ],
    ],
  },
  {
    what: "Llama's padding row is drawn",
    tests: ['models/families'],
    edits: [
      [
        'src/models/families/decoder.ts',
        'vocabulary, width, { padding })',
        'vocabulary, width, { padding: padding && undefined })',
      ],
    ],
  },
  {
    what: "Mixtral's experts one by one instead of kind by kind",
    tests: ['models/families'],
    edits: [
      [
        'src/models/families/mixtral.ts',
        "matrix('w2', 'mlpOut', inner, width)\n      matrix('w1', 'mlpGate', width, inner)",
        "matrix('w1', 'mlpGate', width, inner)\n      matrix('w2', 'mlpOut', inner, width)",
      ],
    ],
  },
  {
    what: "DeepSeek's correction of the router in 16 bits",
    tests: ['models/families'],
    edits: [['src/models/families/deepseek_v3.ts', "{ f32In: ['bf16', 'f16'] }", "{ f32In: ['f16'] }"]],
  },
  {
    what: 'the depth of the decoder for that of the encoder',
    tests: ['models/recipes'],
    edits: [
      [
        'src/models/recipes/builtin-recipes.ts',
        'encoderLayers: layers, decoderLayers: decoder?.place.layers',
        'encoderLayers: layers, decoderLayers: decoder && layers',
      ],
    ],
  },
  {
    what: 'a file is full one tensor early',
    tests: ['safetensors/shards'],
    edits: [[SHARDS, 'if (filled + bytes > limit)', 'if (filled + bytes >= limit)']],
  },
  {
    what: 'a tensor beyond the limit ends the file before it',
    tests: ['safetensors/shards'],
    edits: [
      [
        SHARDS,
        'shards.push(members)',
        'if (open.length > 0) shards.push(open)\n      open = []\n      shards.push(members)',
      ],
    ],
  },
  {
    what: 'the manifest before the index',
    tests: ['node/kill'],
    edits: [
      [
        FINISH,
        '  for (const [name, text] of texts) await writeText(folder, name, digest, text())\n  const whole = { ...manifest, files }\n  await writeText(folder, MANIFEST, digest, formatManifest(whole))',
        '  const whole = { ...manifest, files }\n  await writeText(folder, MANIFEST, digest, formatManifest(whole))\n  for (const [name, text] of texts) await writeText(folder, name, digest, text())',
      ],
    ],
  },
  {
    what: 'a file under its final name while it is written',
    tests: ['node/kill', 'node/init'],
    edits: [
      [
        FILES,
        'const temporary = join(folder, temporaryName(name, plan))',
        'const temporary = join(folder, name || temporaryName(name, plan))',
      ],
    ],
  },
  {
    what: 'a rank finishes without the files of the others',
    tests: ['node/ranks'],
    edits: [[FINISH, 'if (missing.length > 0) return', 'if (missing.length > manifest.files.length) return']],
  },
  {
    what: 'a rank that finds its sidecars gone forgets the manifest',
    tests: ['node/kill', 'node/ranks'],
    edits: [[FINISH, 'sidecars.includes(undefined) ?', 'sidecars.length === 0 ?']],
  },
  {
    what: 'a temporary file that was swept away is a failure',
    tests: ['node/kill'],
    edits: [[FILES, 'if (!swept) throw error', 'if (swept || !swept) throw error']],
  },
  {
    what: 'a short write is taken for a whole one',
    tests: ['node/io-faults'],
    edits: [[FILES, 'done += bytesWritten', 'done += Math.max(bytesWritten, length)']],
  },
  {
    what: 'a file of the right size is trusted',
    tests: ['node/ranks'],
    edits: [
      [
        INIT,
        'return (await digestFile(path, progress)) === known ? known : undefined',
        'return (await digestFile(path, progress)) ? known : undefined',
      ],
    ],
  },
  {
    what: "resume trusts other ranks' files",
    tests: ['node/ranks'],
    edits: [[INIT, 'new Set(resume ? plan.files : mine)', 'new Set(resume ? mine : mine)']],
  },
  {
    what: 'an index that is wrong is not noticed',
    tests: ['node/ranks'],
    edits: [
      [
        VERIFY,
        '=== digestText(formatIndex(shards, Number(parameters)))',
        '!== digestText(formatIndex(shards, Number(parameters))) || shards.length > 0',
      ],
    ],
  },
  {
    what: 'GNU parallel counts from 0',
    tests: ['node/rank'],
    edits: [[RANK, 'rank: seq - 1', 'rank: seq']],
  },
  {
    what: 'an array with gaps has ranks',
    tests: ['node/rank'],
    edits: [[RANK, 'if (count !== worldSize || !Number.isInteger(rank))', 'if (!Number.isInteger(rank))']],
  },
  {
    what: 'the rest of a row of a slice is taken from its start',
    tests: ['models/tensor-slices'],
    edits: [
      [
        SLICES,
        'boxesOf(rows(row, whole), from - row * inner, inner, axis + 1)',
        'boxesOf(rows(row, whole), 0, whole * inner - from, axis + 1)',
      ],
    ],
  },
  {
    what: 'fans are read from a part',
    tests: ['models/tensor-slices'],
    edits: [[CUTS, 'return slice?.of ?? shape', 'return shape.length > 0 ? shape : (slice?.of ?? shape)']],
  },
  {
    what: 'experts of one storage put into several files',
    tests: ['models/families', 'safetensors/shards'],
    edits: [[SHARDS, 'group === undefined ? undefined : groups.get(group)', 'groups.get(entry.name)']],
  },
  {
    what: 'tensors that differ in their shapes share a distribution',
    tests: ['models/recipes', 'models/plan', 'models/families'],
    edits: [
      [
        PLAN,
        'JSON.stringify([strategy, shape, dtype, layout, group, slice])',
        'JSON.stringify([strategy, dtype, layout, group, slice])',
      ],
    ],
  },
  {
    what: 'a link that leaves the folder is followed',
    tests: ['node/aux-files'],
    edits: [
      [
        COMPANIONS,
        'path.startsWith(home.endsWith(sep) ? home : home + sep)',
        'path.startsWith(home.endsWith(sep) ? home + sep : home)',
      ],
    ],
  },
  {
    what: '--force removes what it is about to copy',
    tests: ['node/aux-files'],
    edits: [['src/node/output-dir.ts', '!kept.has(name) && ', '(kept.size >= 0) && ']],
  },
  {
    what: 'a header in pieces is padded as if it were one',
    tests: ['safetensors/header'],
    edits: [['src/safetensors/header.ts', 'left -= piece.length', 'left -= text.length']],
  },
  {
    what: 'seeding without its mixing',
    tests: ['properties/stream-independence'],
    edits: [
      [XOSHIRO, 'mix(mix(n + k0) ^ k1)', '(n + k0) ^ k1'],
      [XOSHIRO, 'mix(mix(m + k0) ^ k1)', '(m + k0) ^ k1'],
      [XOSHIRO, 'mix(mix(n + k2) ^ k3)', '(n + k2) ^ k3'],
      [XOSHIRO, 'mix(mix(m + k2) ^ k3)', '(m + k2) ^ k3'],
    ],
  },
  {
    what: 'the last letter of a name ignored',
    tests: ['properties/stream-independence'],
    edits: [[STREAM, 'netstring(aName(name))', 'netstring(aName(name).slice(0, -1))']],
  },
  {
    what: 'std a hundredth too great',
    tests: ['properties/sample-statistics'],
    edits: [
      [
        MAPS,
        "kind: 'normal', scale: Math.fround(std * Math",
        "kind: 'normal', scale: Math.fround(1.01 * std * Math",
      ],
    ],
  },
  {
    what: 'bf16 cut, not rounded',
    tests: ['properties/sample-statistics'],
    edits: [[CAST, 'i32x4.add(x, i32x4.add(bias, even))', 'x']],
  },
  {
    what: 'TensorFlow.js: calls not counted',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'this.calls++', 'this.calls']],
  },
  {
    what: 'TensorFlow.js: layers not counted',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'use.count++', 'use.count']],
  },
  {
    what: 'TensorFlow.js: two layers of one config named as two that were given one initialiser',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, "{ count: 0, mark: '~' }", "{ count: 0, mark: '#' }"]],
  },
  {
    what: 'TensorFlow.js: seed 0 taken for none',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'config.seed ?? Math', 'config.seed || Math']],
  },
  {
    what: 'TensorFlow.js: 0 taken for a default',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'config[field] ?? said[field]', 'config[field] || said[field]']],
  },
  {
    what: 'TensorFlow.js: name ignored',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'aName(config.name ?? className)', 'aName(className)']],
  },
  {
    what: 'TensorFlow.js: number of a layer not saved',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, 'name !== className && { name }', 'name === config.name && { name }']],
  },
  {
    what: 'TensorFlow.js: variance corrected by half',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER, '/ TRUNCATED_STD ** 2', '/ TRUNCATED_STD']],
  },
  {
    what: 'inspect: the kurtosis of chunks merged without that of their means',
    tests: ['inspect/inspect-files'],
    edits: [['src/inspect/moments.ts', '6 * d * d * (p * p', '0 * d * d * (p * p']],
  },
  {
    what: 'inspect: NaN left among the finite',
    tests: ['inspect/inspect-files'],
    edits: [
      [STATISTICS, 'if (Number.isFinite(values[i])) values', 'if (Math.abs(values[i]) !== Infinity) values'],
    ],
  },
  {
    what: 'inspect: -0 not counted among the zeros',
    tests: ['inspect/inspect-files'],
    edits: [[STATISTICS, 'if (values[i] === 0) zeros++', 'if (Object.is(values[i], 0)) zeros++']],
  },
  {
    what: 'inspect: sums about a first value, however far from the others',
    tests: ['inspect/inspect-files'],
    edits: [[STATISTICS, 'if (isFar(count, sums))', 'if (isFar(count, sums) && count < 0)']],
  },
  {
    what: 'inspect: what fills up the last vector counted among the values',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        'src/inspect/wasm-stats.ts',
        'counters[patterns[count] >>> 16] -= more',
        'counters[patterns[count] >>> 16] -= 0 * more',
      ],
    ],
  },
  {
    what: 'inspect: infinite patterns counted among the finite',
    tests: ['inspect/inspect-files'],
    edits: [[STATISTICS, 'if (!Number.isFinite(value)) continue', 'if (Number.isNaN(value)) continue']],
  },
  {
    what: 'inspect: duplicates by their statistics alone',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        TENSORS,
        '${await digest(source, at, tensor.bytes, hash)}',
        '${await digest(source, at, 0 * tensor.bytes, hash)} ${JSON.stringify(tensor.statistics)}',
      ],
    ],
  },
  {
    what: 'inspect: what a lost thread was at is left out',
    tests: ['inspect/inspect-workers'],
    edits: [[LOOKERS, 'left.push(stretch)', 'void stretch']],
  },
  {
    what: 'inspect: tensors in the order in which they were seen',
    tests: ['inspect/inspect-workers'],
    edits: [[TENSORS, 'a.file - b.file || a.tensors[0].begin - b.tensors[0].begin', '0 * (a.file - b.file)']],
  },
  {
    what: 'inspect: a chunk that lies at an odd byte is read from the one before',
    tests: ['inspect/inspect-workers'],
    edits: [
      [WASM_PASSES, 'bytes.byteOffset % 4 === 0', 'bytes.byteOffset > 0'],
      [WASM_PASSES, 'this.at = bytes.byteOffset', 'this.at = bytes.byteOffset & -4'],
    ],
  },
  {
    what: 'inspect: repeated parts by their statistics alone',
    tests: ['inspect/inspect-files'],
    edits: [[LOOK, 'size, hash)) !== first) return 1', 'size, hash)) !== first && period < 1) return 1']],
  },
  {
    what: 'inspect: the bulk measured with its outliers',
    tests: ['inspect/inspect-files', 'inspect/inspect-families'],
    edits: [[LOOK, 'quantile(cells, 0.75) - quantile(cells, 0.25)', '1.349 * statistics.std']],
  },
  {
    what: 'inspect: sixty standard errors are as the recipe',
    tests: ['inspect/inspect-files', 'inspect/inspect-families'],
    edits: [['src/inspect/compare-with-recipe.ts', 'const MOST_ERRORS = 6', 'const MOST_ERRORS = 60']],
  },
  {
    what: 'inspect: formulas taken for right',
    tests: ['inspect/inspect-families'],
    edits: [
      [
        'src/inspect/deterministic.ts',
        'return found.min === min',
        'return found.count >= 0 || found.min === min',
      ],
    ],
  },
  {
    what: 'inspect: an index may leave its folder',
    tests: ['inspect/inspect-files'],
    edits: [['src/inspect/expected-names.ts', "part !== '..'", "part !== '...'"]],
  },
  {
    what: 'inspect: holes between tensors read over',
    tests: ['safetensors/reader'],
    edits: [[READER, 'begin !== at', 'begin < at']],
  },
  {
    what: 'inspect: tensors that overlap read',
    tests: ['safetensors/reader'],
    edits: [[READER, 'begin !== at', 'begin > at']],
  },
  {
    what: 'inspect: of tensors of one name the first',
    tests: ['safetensors/reader'],
    edits: [
      [
        'src/safetensors/header-index.ts',
        'for (let k = i; k < next; k++)',
        'for (let k = next - 1; k >= i; k--)',
      ],
    ],
  },
  {
    what: 'inspect: names compared as they are escaped',
    tests: ['safetensors/reader'],
    edits: [
      [
        'src/safetensors/header-index.ts',
        'return hashOf(encoder.encode(textAt(bytes, from)))',
        'return hashOf(encoder.encode(textAt(bytes, from).toUpperCase()))',
      ],
    ],
  },
  {
    what: 'inspect: a product that overflows and then is 0 read',
    tests: ['safetensors/reader'],
    edits: [[READER, 'if (elements >= LIMIT) elements = undefined', 'elements ??= undefined']],
  },
  {
    what: 'a fill waits for workers that have not started',
    tests: ['engine/threads'],
    edits: [[POOL, 'if (steps === wanted) resolve(true)', 'if (left === 0) resolve(steps === wanted)']],
  },
  {
    what: "a disk's failure that an early sync tells is forgotten",
    tests: ['node/io-faults'],
    edits: [[FILES, '(error: unknown) => void (this.failure = error)', '() => {}']],
  },
  {
    what: 'a stderr that cannot be written to ends the run',
    tests: ['node/io-faults'],
    edits: [['src/cli/main.ts', "process.stderr.on('error', () => {})\n", '']],
  },
  {
    what: 'a file stays in memory after --no-cache',
    tests: ['node/page-cache'],
    edits: [['src/node/page-cache.ts', 'const DONT_NEED = 4', 'const DONT_NEED = 3']],
  },
  {
    what: 'a file stays in memory until all of it is written',
    tests: ['node/page-cache'],
    edits: [[FILES, '      .then(this.synced)\n', '']],
  },
  {
    what: 'the names of tensors one place off',
    tests: ['node/init', 'node/ranks'],
    edits: [
      [
        'src/node/verify.ts',
        'new PlannedTensor(names, index, planned)',
        'new PlannedTensor(names, index + 1, planned)',
      ],
    ],
  },
  {
    what: 'kinds that differ are the same to the manifest',
    tests: ['models/manifest'],
    edits: [
      ['src/node/read-manifest.ts', 'if (JSON.stringify(kind) !== JSON.stringify(other)) return false', ''],
    ],
  },
  {
    what: 'a counter is free before the asking thread is through',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'if (wanted === undefined) return',
        'if (left === 0 && this.waiting.delete(id)) this.counters.push(counter)',
      ],
    ],
  },
]
