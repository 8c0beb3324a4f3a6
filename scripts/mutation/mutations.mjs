/**
 * Mistakes that someone could make in code that decides values, files or reports, for run.mjs to apply. Each has a
 * description, the tests that must catch it (test/<name>.test.ts), and its edits: [file, text that occurs there once,
 * replacement]. `project: 'slow'` runs all cases of the tests, where the short form lacks the one that counts. Where
 * both engines compute something, both get it wrong: a test that compares the engines with each other must not be
 * enough.
 */

const FILL = 'assembly/fill.ts'
const XOSHIRO = 'assembly/xoshiro.ts'
const CAST = 'assembly/cast.ts'
const STREAM = 'src/rng/stream.ts'
const TRANSFORM = 'src/distributions/transform.ts'
const DTYPES = 'src/numeric/dtypes.ts'
const VALIDATE_REQUEST = 'src/engine/validate-request.ts'
const REQUEST_RANGES = 'src/engine/request-ranges.ts'
const POOL = 'src/engine/worker-pool.ts'
const WORKER = 'src/engine/worker.js'
const JS = 'src/engine/js-backend.ts'
const ORTHOGONAL = 'assembly/orthogonal.ts'
const JS_ORTHOGONAL = 'src/engine/js-orthogonal.ts'
const MATRIX_CACHE = 'src/engine/matrix-cache.ts'
const ELEMENT_RANGES = 'src/engine/element-ranges.ts'
const TENSOR_SLICES = 'src/models/tensor-slices.ts'
const SHARDS = 'src/safetensors/shards.ts'
const ATOMIC_WRITE = 'src/node/atomic-write.ts'
const COMPLETE_CHECKPOINT = 'src/node/complete-checkpoint.ts'
const INIT = 'src/node/init.ts'
const VERIFY = 'src/node/verify.ts'
const AUX_FILES = 'src/node/aux-files.ts'
const RANK = 'src/node/rank.ts'
const REGISTER_INITIALIZERS = 'src/tfjs/register-initializers.ts'
const STATS_ACCUMULATOR = 'src/inspect/stats-accumulator.ts'
const INSPECT_TENSORS = 'src/inspect/inspect-tensors.ts'
const SCAN_TENSOR = 'src/inspect/scan-tensor.ts'
const SCANNER = 'src/inspect/scanner.ts'
const WASM_STATS = 'src/inspect/wasm-stats.ts'
const READ_HEADER = 'src/safetensors/read-header.ts'

export const MUTATIONS = [
  {
    what: 'a canceled fill does not wait for workers that are filling a chunk',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'settleAfter(Math.min(Atomics.exchange(nextStep, 0, CANCELED_INDEX), steps) - claimed)',
        'settleAfter(0 * (Math.min(Atomics.exchange(nextStep, 0, CANCELED_INDEX), steps) - claimed))',
      ],
    ],
  },
  {
    what: 'an engine is ready before its workers are',
    tests: ['engine/threads'],
    edits: [[POOL, "await this.dispatch('fill', empty)?.waitForAnswers()", "this.dispatch('fill', empty)"]],
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
      [XOSHIRO, 'n = m + GOLDEN_GAMMA', 'n = lane & 1 ? (block << 3) * GOLDEN_GAMMA : m + GOLDEN_GAMMA'],
      [STREAM, '(2 * lane)', '(2 * (lane & 1))'],
    ],
  },
  {
    what: 'the block index masked to 20 bits',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, '(block << 3) * GOLDEN_GAMMA', '((block & 0xfffff) << 3) * GOLDEN_GAMMA'],
      [STREAM, 'const low = (block % 2 ** 32) | 0', 'const low = block % 2 ** 20'],
      [STREAM, 'const high = (block / 2 ** 32) | 0', 'const high = 0'],
    ],
  },
  {
    what: 'the block index cut to 32 bits',
    tests: ['rng/stream'],
    edits: [
      [XOSHIRO, '(block << 3) * GOLDEN_GAMMA', '((<u64>(<u32>block)) << 3) * GOLDEN_GAMMA'],
      [STREAM, 'const high = (block / 2 ** 32) | 0', 'const high = 0'],
    ],
  },
  {
    what: 'a fill across blocks repeats its first block',
    tests: ['rng/stream'],
    edits: [
      [
        FILL,
        'seedBlock(work, ++block)\n      at = 0\n    }\n    const lead',
        'seedBlock(work, block)\n      at = 0\n    }\n    const lead',
      ],
    ],
  },
  {
    what: 'a table-based fill across blocks repeats its first block',
    tests: ['engine/engines.contract'],
    edits: [
      [
        FILL,
        'seedBlock(work, ++block)\n      at = 0\n    }\n    const next',
        'seedBlock(work, block)\n      at = 0\n    }\n    const next',
      ],
    ],
  },
  {
    what: 'the key omits the length of the name',
    tests: ['rng/stream'],
    edits: [[STREAM, 'encodeNetstring(checkName(name))', '`${checkName(name)},`']],
  },
  {
    what: 'seed and name swapped',
    tests: ['rng/stream'],
    edits: [
      [STREAM, 'encodeNetstring(normalizeSeed(seed)) +', 'encodeNetstring(checkName(name)) +'],
      [
        STREAM,
        'encodeNetstring(checkName(name)) +\n      encodeNetstring(checkText',
        'encodeNetstring(normalizeSeed(seed)) +\n      encodeNetstring(checkText',
      ],
    ],
  },
  {
    what: 'one entry of one jump table wrong',
    tests: ['rng/stream'],
    edits: [
      [
        'assembly/jump.ts',
        'skipByStepping(work, steps)\n      memory',
        'skipByStepping(work, steps ^ <u32>(nibble == 63))\n      memory',
      ],
    ],
  },
  {
    what: 'the jump of 512 steps left out',
    tests: ['rng/stream'],
    edits: [['assembly/jump.ts', 'jump < 4; jump++', 'jump < 3; jump++']],
  },
  {
    what: 'the quantile table shifted by one entry',
    tests: ['numeric/normal-quantile'],
    edits: [
      [
        'src/numeric/normal-quantile.ts',
        'const FIRST_INDEX = (127 - 31) << 7',
        'const FIRST_INDEX = ((127 - 31) << 7) + 1',
      ],
    ],
  },
  {
    what: 'one tail cell of the quantile table with the entry of the next',
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
    what: 'the second-order term of the quantile dropped',
    tests: ['distributions/transform'],
    edits: [
      [
        'assembly/normal.ts',
        'f32x4.add(loadBroadcast(work, ONE), f32x4.mul(a, D))',
        'loadBroadcast(work, ONE)',
      ],
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
    what: 'two adjacent draws share one sign',
    tests: ['distributions/transform'],
    edits: [
      [
        XOSHIRO,
        'convert_i32x4_s(draws)',
        'convert_i32x4_s(v128.bitselect(v128.shuffle<u32>(draws, draws, 0, 0, 2, 2), draws, loadBroadcast(work, SIGN_MASK)))',
      ],
      [XOSHIRO, 'import { HALF, KEY, STATE }', 'import { HALF, KEY, SIGN_MASK, STATE }'],
    ],
  },
  {
    what: 'the lower side of a truncated normal without its sign',
    tests: ['distributions/transform'],
    edits: [
      ['assembly/truncated.ts', 'v128.xor(f, v128.and(lower, sign))', 'f'],
      [JS, 'upper ? g : -g', 'g'],
    ],
  },
  {
    what: 'the draws divided evenly between the sides of the mean',
    tests: ['distributions/transform'],
    edits: [[TRANSFORM, '(2 ** 32 * (2 ** 31 - base)) / extent', '2 ** 31']],
  },
  {
    what: 'std rounded before it is multiplied',
    tests: ['distributions/transform'],
    edits: [
      [
        TRANSFORM,
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
        'f32x4.pmin(f32x4.pmax(v, loadBroadcast(work, LOW)), loadBroadcast(work, HIGH))',
        'f32x4.pmin(v, loadBroadcast(work, HIGH))',
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
        'f32x4.pmin(f32x4.pmax(v, loadBroadcast(work, LOW)), loadBroadcast(work, HIGH))',
        'f32x4.pmax(v, loadBroadcast(work, LOW))',
      ],
      ['assembly/affine.ts', 'f32x4.pmin(v, loadBroadcast(changetype<usize>(this), HIGH))', 'v'],
      [JS, 'v < low ? low : v > high ? high : v', 'v < low ? low : v > Infinity ? high : v'],
    ],
  },
  {
    what: 'a uniform includes its upper bound',
    tests: ['distributions/transform'],
    edits: [
      [
        TRANSFORM,
        'floorToDtype(dtype, high, !inclusive)',
        'floorToDtype(dtype, high, !inclusive && high < low)',
      ],
    ],
  },
  {
    what: 'a clamp omitted although the next cell reaches the bound',
    tests: ['distributions/transform'],
    edits: [[TRANSFORM, 'return [quantile(first), quantile(', 'return [quantile(first), 0 * quantile(']],
  },
  {
    what: 'the loop for mean 0 used for a small mean',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'load<f32>(work, MEAN) == 0', 'abs(load<f32>(work, MEAN)) < 0.001']],
  },
  {
    what: 'bf16 with ties away from 0',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [CAST, 'i32x4.add(x, i32x4.add(bias, isOdd))', 'i32x4.add(x, i32x4.add(bias, lowestBit))'],
      [DTYPES, '0x7fff + ((x >>> 16) & 1)', '0x8000'],
    ],
  },
  {
    what: 'f16 and f8 rounded toward 0',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [
        CAST,
        'i32x4.sub(f32x4.add(v128.andnot(x, loadBroadcast(work, SIGN_MASK)), lifted), lifted)',
        'i32x4.sub(f32x4.add(f32x4.mul(v128.andnot(x, loadBroadcast(work, SIGN_MASK)), f32x4.splat(0.9999)), lifted), lifted)',
      ],
    ],
  },
  {
    what: 'subnormals of f16 and f8 rounded as normal values',
    tests: ['numeric/dtypes', 'engine/engines.contract'],
    edits: [
      [
        CAST,
        'i32x4.max_s(v128.and(x, loadBroadcast(work, EXPONENT_MASK)), minNormal)',
        'v128.and(x, loadBroadcast(work, EXPONENT_MASK))',
      ],
    ],
  },
  {
    what: 'the offset into the first step of a chunk ignored',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'const from = draws + ((<usize>lead) << 2)', 'const from = draws']],
  },
  {
    what: 'the incomplete last step of a chunk missing',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'const steps = (next + 7) >> 3', 'const steps = next >> 3']],
  },
  {
    what: 'the two draw buffers overlap',
    tests: ['engine/engines.contract'],
    edits: [[FILL, 'let other = draws + CHUNK_BYTES', 'let other = draws + CHUNK_BYTES - 64']],
  },
  {
    what: 'the offset ignored',
    tests: ['engine/engines.contract'],
    edits: [[VALIDATE_REQUEST, '  return first\n}', '  return first * 0\n}']],
  },
  {
    what: 'the center of a kernel wraps at 2^31',
    tests: ['properties/edges'],
    edits: [
      [
        'src/strategies/layout.ts',
        "Math.floor((center === 'upper' ? k : k - 1) / 2)",
        "((center === 'upper' ? k : k - 1) >> 1)",
      ],
    ],
  },
  {
    what: 'stft divides by a window of zeros',
    tests: ['properties/edges'],
    edits: [['src/distributions/formulas.ts', 'frame > 0 && scale === 0', 'frame < 0 && scale === 0']],
  },
  {
    what: 'an array of another realm is refused',
    tests: ['numeric/is-array-of'],
    edits: [
      [
        'src/numeric/is-array-of.ts',
        '(value as Float32Array)[Symbol.toStringTag] === type.name',
        'Object.getPrototypeOf(value) === type.prototype',
      ],
    ],
  },
  {
    what: 'safetensors are written on a big-endian machine',
    tests: ['numeric/byte-order'],
    edits: [
      ['src/safetensors/writer.ts', '  checkByteOrder()\n', '  if (layout.bytes < 0) checkByteOrder()\n'],
    ],
  },
  {
    what: 'a chunk skipped by the calling thread',
    tests: ['engine/threads'],
    edits: [[POOL, 'return Atomics.add(nextStep, 0, 1)', 'return Atomics.add(nextStep, 0, 2)']],
  },
  {
    what: 'a worker reports a chunk that it did not fill',
    tests: ['engine/threads'],
    edits: [
      [
        WORKER,
        'const start = index * chunkSize',
        'if (index % 3 === 2) continue\n    const start = index * chunkSize',
      ],
    ],
  },
  {
    what: 'a worker fills a chunk one element too late in the stream',
    tests: ['engine/threads'],
    edits: [[WORKER, 'first + start, end - start', 'first + start + 1, end - start']],
  },
  {
    what: 'the last chunk of a worker exceeds the range',
    tests: ['engine/threads'],
    edits: [[WORKER, 'Math.min(start + chunkSize, count)', 'start + chunkSize']],
  },
  {
    what: 'concurrent batches share one counter',
    tests: ['engine/threads'],
    edits: [[POOL, 'this.freeCounters.pop()', 'this.freeCounters[0]']],
  },
  {
    what: 'a batch is complete when the first worker is',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'if (batch.completedSteps === batch.expectedSteps) batch.resolve(true)',
        'if (batch.completedSteps >= 0) batch.resolve(true)',
      ],
    ],
  },
  {
    what: 'one window used as both windows',
    tests: ['engine/threads'],
    edits: [['src/engine/scheduler.ts', 'windows[(start / WINDOW_ELEMENTS) % 2]', 'windows[0]']],
  },
  {
    what: 'the chunks of a failed worker are not filled again',
    tests: ['engine/threads'],
    edits: [['src/engine/scheduler.ts', 'this.backend.fill(range) // which', '// which']],
  },
  {
    what: 'a cached transform reused for another dtype',
    tests: ['engine/engines.contract'],
    edits: [[TRANSFORM, 'lastCompiled?.dtype !== dtype ||', '!lastCompiled ||']],
  },
  {
    what: 'a cached transform reused for another distribution',
    tests: ['distributions/transform', 'engine/engines.contract'],
    edits: [[TRANSFORM, "['value', 'mean', 'std', 'low', 'high']", "['value', 'mean', 'std', 'low']"]],
  },
  {
    what: 'an asymmetric truncated normal does not add its mean of 0',
    tests: ['distributions/transform'],
    edits: [
      [
        FILL,
        'TruncatedNormal<RemapAsymmetric, ScaleAndShift, ClampBoth>',
        'TruncatedNormal<RemapAsymmetric, ScaleOnly, ClampBoth>',
      ],
    ],
  },
  {
    what: 'the smallest value above a tiny negative bound is +0, not -0',
    tests: ['numeric/dtypes'],
    edits: [[DTYPES, 'low === 0 && x < 0 ? -0 : decode(low)', 'decode(low)']],
  },
  {
    what: 'the limit of std one percent too high',
    tests: ['reference/stream-check'],
    edits: [[TRANSFORM, 'const MAX_NORMAL_Z = 6.338', 'const MAX_NORMAL_Z = 6.27']],
  },
  {
    what: 'an orthogonal matrix without random column signs',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '((<usize>a) << 2), -sign)', '((<usize>a) << 2), 1)'],
      [JS_ORTHOGONAL, 'signs[a] = -sign', 'signs[a] = 1'],
    ],
  },
  {
    what: 'an orthogonal matrix whose determinant has a fixed sign',
    project: 'slow',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '((<usize>a) << 2), sign)', '((<usize>a) << 2), 1)'],
      [JS_ORTHOGONAL, 'signs[a] = sign // the last', 'signs[a] = 1 // the last'],
    ],
  },
  {
    what: 'all reflections use the same normals',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '<f64>k * <f64>rows + <f64>k, rows - k)', '<f64>k, rows - k)'],
      [JS_ORTHOGONAL, 'drawNormals(k * rows + k, rows - k)', 'drawNormals(k, rows - k)'],
    ],
  },
  {
    what: 'the reflections of a panel treated as independent',
    tests: ['distributions/matrix-plan'],
    edits: [
      [ORTHOGONAL, '<f32>(-tau * sum))', '0)'],
      [JS_ORTHOGONAL, '= -tau[j] * sum', '= 0'],
    ],
  },
  {
    what: 'panels applied in reverse order',
    tests: ['reference/stream-check'],
    edits: [
      [
        'src/engine/wasm-orthogonal.ts',
        'kernel.applyPanel(0, scratch, strip, panel)',
        'kernel.applyPanel(0, scratch, strip, Math.min(panels, panelCount) - 1 - panel)',
      ],
      [
        JS_ORTHOGONAL,
        'panel = Math.ceil((first + width) / PANEL_WIDTH) - 1; panel >= 0; panel--',
        'panel = 0; panel < Math.ceil((first + width) / PANEL_WIDTH); panel++',
      ],
    ],
  },
  {
    what: 'a worker omits a panel',
    tests: ['distributions/matrix-plan'],
    edits: [[WORKER, 'panel >= 0; panel--) applyPanel', 'panel > 0; panel--) applyPanel']],
  },
  {
    what: 'a strip not reset before use',
    tests: ['distributions/matrix-plan'],
    edits: [[ORTHOGONAL, 'memory.fill(scratch, 0, <usize>padToTile(rows) * STRIP_ROW_BYTES)', '']],
  },
  {
    what: 'a cached matrix reused for another gain',
    tests: ['distributions/matrix-plan'],
    edits: [[MATRIX_CACHE, 'JSON.stringify(transform.plan.matrix)', 'transform.plan.matrix.rows']],
  },
  {
    what: 'the matrix steps of a failed worker are not repeated',
    tests: ['distributions/matrix-plan'],
    edits: [
      [
        'src/engine/scheduler.ts',
        'if (!isComplete) await runSteps(createLocalBatch()',
        'if (!isComplete && steps < 0) await runSteps(createLocalBatch()',
      ],
    ],
  },
  {
    what: 'the zeros and the values of a sparse matrix use the same draws',
    tests: ['reference/stream-check'],
    edits: [[REQUEST_RANGES, "deriveKey(seed, name, 'sparse')", 'deriveKey(seed, name)']],
  },
  {
    what: 'one zero missing in a sparse column',
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
    what: 'elements after a row of zeros are drawn from the start of the range',
    tests: ['strategies/zero-rows'],
    edits: [[REQUEST_RANGES, 'first: part.first,', 'first,']],
  },
  {
    what: "T5's keys scaled like its queries",
    tests: ['models/families', 'models/recipes'],
    edits: [
      [
        'src/models/families/t5.ts',
        "scope.linear('k', 'key', hiddenSize, heads * headDim, scaled(hiddenSize))",
        "scope.linear('k', 'key', hiddenSize, heads * headDim, scaled(hiddenSize * headDim))",
      ],
    ],
  },
  {
    what: 'an integer is kept where transformers demands a float',
    tests: ['models/conform-config'],
    edits: [
      [
        'src/models/conform-config.ts',
        'return kinds.some((kind) => isOfKind(value, float, kind)) ? float : null',
        'return kinds.some((kind) => isOfKind(value, float, kind)) ? literals : null',
      ],
    ],
  },
  {
    what: "Gemma's norms start at 1",
    tests: ['models/families'],
    edits: [
      ['src/models/families/gemma.ts', '{ defaultInit: zeros() }', '{}'],
      ['src/models/families/gemma.ts', "import { zeros } from '../../strategies/elementary.ts'\n", ''],
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
    what: 'the general rule of transformers is uniform with the same std',
    tests: ['models/families'],
    edits: [
      [
        'src/models/model-builder.ts',
        "import { normal, ones, zeros } from '../strategies/elementary.ts'\n",
        "import { ones, uniform, zeros } from '../strategies/elementary.ts'\n" +
          'const normal = ({ std }: { std: number }) => uniform({ low: -std * 3 ** 0.5, high: std * 3 ** 0.5 })\n',
      ],
    ],
  },
  {
    what: "Llama's padding row is not zero",
    tests: ['models/families'],
    edits: [
      [
        'src/models/families/decoder.ts',
        'vocabSize, hiddenSize, { paddingIndex })',
        'vocabSize, hiddenSize, { paddingIndex: paddingIndex && undefined })',
      ],
    ],
  },
  {
    what: "Mixtral's expert matrices in another order",
    tests: ['models/families'],
    edits: [
      [
        'src/models/families/mixtral.ts',
        "matrix('w2', 'mlpOut', intermediateSize, hiddenSize)\n      matrix('w1', 'mlpGate', hiddenSize, intermediateSize)",
        "matrix('w1', 'mlpGate', hiddenSize, intermediateSize)\n      matrix('w2', 'mlpOut', intermediateSize, hiddenSize)",
      ],
    ],
  },
  {
    what: "DeepSeek's router correction in bf16",
    tests: ['models/families'],
    edits: [
      ['src/models/families/deepseek_v3.ts', "keepInF32For: ['bf16', 'f16'],", "keepInF32For: ['f16'],"],
    ],
  },
  {
    what: 'the depth of the encoder used for the decoder',
    tests: ['models/recipes'],
    edits: [
      [
        'src/models/recipes/builtin-recipes.ts',
        'encoderLayers: layers, decoderLayers: decoder?.position.layers',
        'encoderLayers: layers, decoderLayers: decoder && layers',
      ],
    ],
  },
  {
    what: 'a full file not filled completely',
    tests: ['safetensors/shards'],
    edits: [[SHARDS, 'if (filled + bytes > limit)', 'if (filled + bytes >= limit)']],
  },
  {
    what: 'an oversized tensor ends the previous file',
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
    what: 'the manifest written before the index',
    project: 'slow',
    tests: ['node/kill'],
    edits: [
      [
        COMPLETE_CHECKPOINT,
        '  for (const [name, text] of textFiles) await writeTextAtomic(folder, name, planDigest, text)\n  const manifest = { ...spec.manifest, files }\n  await writeTextAtomic(folder, MANIFEST_FILE, planDigest, formatManifestLines(manifest))',
        '  const manifest = { ...spec.manifest, files }\n  await writeTextAtomic(folder, MANIFEST_FILE, planDigest, formatManifestLines(manifest))\n  for (const [name, text] of textFiles) await writeTextAtomic(folder, name, planDigest, text)',
      ],
    ],
  },
  {
    what: 'an unfinished file has its final name',
    tests: ['node/kill', 'node/init'],
    edits: [
      [
        ATOMIC_WRITE,
        'const tempPath = reserveTempPath(folder, name, plan)',
        'const tempPath = join(folder, name || reserveTempPath(folder, name, plan))',
      ],
    ],
  },
  {
    what: 'a rank completes the checkpoint without the files of the others',
    tests: ['node/ranks'],
    edits: [
      [
        COMPLETE_CHECKPOINT,
        'if (missing.length > 0) return',
        'if (missing.length > spec.manifest.files.length) return',
      ],
    ],
  },
  {
    what: 'a rank without digest files ignores the manifest',
    tests: ['node/kill', 'node/ranks'],
    edits: [[COMPLETE_CHECKPOINT, 'digests.includes(undefined) ?', 'digests.length === 0 ?']],
  },
  {
    what: 'a temporary file removed by another run is an error',
    project: 'slow',
    tests: ['node/kill'],
    edits: [
      [
        ATOMIC_WRITE,
        'if (!wasRemovedByOtherRun) throw nameFile(join(folder, name), error)',
        'if (wasRemovedByOtherRun || !wasRemovedByOtherRun) throw nameFile(join(folder, name), error)',
      ],
    ],
  },
  {
    what: 'a short write treated as complete',
    tests: ['node/io-faults'],
    edits: [[ATOMIC_WRITE, 'done += bytesWritten', 'done += Math.max(bytesWritten, length)']],
  },
  {
    what: 'a file of the right size accepted without its digest',
    tests: ['node/ranks'],
    edits: [
      [
        INIT,
        'return (await digestFile(path, progress.add)) === recordedDigest ? recordedDigest : undefined',
        'return (await digestFile(path, progress.add)) ? recordedDigest : undefined',
      ],
    ],
  },
  {
    what: "resume trusts other ranks' files",
    tests: ['node/ranks'],
    edits: [
      [
        'src/node/resolve-init.ts',
        'new Set(resume ? plan.files : ownFiles)',
        'new Set(resume ? ownFiles : ownFiles)',
      ],
    ],
  },
  {
    what: 'verify accepts a wrong index',
    tests: ['node/ranks'],
    edits: [
      [
        VERIFY,
        'text === formatIndex(shards, Number(parameters))',
        'text !== formatIndex(shards, Number(parameters)) || shards.length > 0',
      ],
    ],
  },
  {
    what: 'GNU parallel counts from 0',
    tests: ['node/rank'],
    edits: [[RANK, 'rank: seq - 1', 'rank: seq']],
  },
  {
    what: 'the tasks of every job array taken for ranks',
    tests: ['node/rank'],
    edits: [[RANK, 'worldSize !== undefined && worldSize > 1', 'worldSize !== 1']],
  },
  {
    what: 'a second signal that arrives with the first is lost',
    project: 'slow',
    tests: ['node/init'],
    edits: [['src/cli/main.ts', 'process.on(signal, ', 'process.once(signal, ']],
  },
  {
    what: 'a claim without a lock taken for abandoned',
    tests: ['node/containers'],
    edits: [['src/node/run-lock.ts', 'stat.isSocket() && ', '']],
  },
  {
    what: 'a lock of another machine taken for abandoned',
    tests: ['node/containers'],
    edits: [
      [
        'src/node/temp-files.ts',
        'if (file.domain !== domain) continue',
        'if (file.domain === domain + 1) continue',
      ],
    ],
  },
  {
    what: 'every error on a link taken for a link that leads nowhere',
    tests: ['node/aux-files'],
    edits: [[AUX_FILES, "code === 'ENOENT' || code === 'ELOOP'", "code !== ''"]],
  },
  {
    what: 'a folder that becomes a link is followed',
    tests: ['node/aux-files'],
    edits: [[AUX_FILES, ' && realpathSync(path) === path', '']],
  },
  {
    what: 'a job array with gaps accepted',
    tests: ['node/rank'],
    edits: [[RANK, 'if (count !== worldSize || !Number.isInteger(rank))', 'if (!Number.isInteger(rank))']],
  },
  {
    what: 'the end of a partial row of a slice taken from its start',
    tests: ['models/tensor-slices'],
    edits: [
      [
        ELEMENT_RANGES,
        'splitPackedRange(rows(row, firstWhole), from - row * inner, inner, axis + 1)',
        'splitPackedRange(rows(row, firstWhole), 0, firstWhole * inner - from, axis + 1)',
      ],
    ],
  },
  {
    what: 'fans computed from a slice',
    tests: ['models/tensor-slices'],
    edits: [
      [TENSOR_SLICES, 'return slice?.of ?? shape', 'return shape.length > 0 ? shape : (slice?.of ?? shape)'],
    ],
  },
  {
    what: 'experts of one storage split across files',
    tests: ['models/families', 'safetensors/shards'],
    edits: [[SHARDS, 'group === undefined ? undefined : groups.get(group)', 'groups.get(entry.name)']],
  },
  {
    what: 'tensors of different shapes share a distribution',
    tests: ['models/recipes', 'models/plan', 'models/families'],
    edits: [
      [
        'src/models/tensor-distribution.ts',
        'JSON.stringify([strategy, shape, dtype])',
        'JSON.stringify([strategy, dtype])',
      ],
    ],
  },
  {
    what: 'a link out of the folder is followed',
    tests: ['node/aux-files'],
    edits: [
      [
        AUX_FILES,
        'path?.startsWith(home.endsWith(sep) ? home : home + sep)',
        'path?.startsWith(home.endsWith(sep) ? home + sep : home)',
      ],
    ],
  },
  {
    what: '--force removes files that it is about to copy',
    tests: ['node/aux-files'],
    edits: [['src/node/replace-checkpoint.ts', '!kept.has(name) && ', '(kept.size >= 0) && ']],
  },
  {
    what: 'a header padded to a multiple of 4 bytes',
    tests: ['safetensors/encode-header'],
    edits: [['src/safetensors/encode-header.ts', 'Math.ceil(json / 8) * 8', 'Math.ceil(json / 4) * 4']],
  },
  {
    what: 'seeding without its mixing functions',
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
    edits: [[STREAM, 'encodeNetstring(checkName(name))', 'encodeNetstring(checkName(name).slice(0, -1))']],
  },
  {
    what: 'std one percent too large',
    tests: ['properties/sample-statistics'],
    edits: [
      [
        TRANSFORM,
        "kind: 'normal', scale: Math.fround(std * Math",
        "kind: 'normal', scale: Math.fround(1.01 * std * Math",
      ],
    ],
  },
  {
    what: 'bf16 truncated instead of rounded',
    project: 'slow',
    tests: ['properties/sample-statistics'],
    edits: [[CAST, 'i32x4.add(x, i32x4.add(bias, isOdd))', 'x']],
  },
  {
    what: 'TensorFlow.js: calls not counted',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'this.calls++', 'this.calls']],
  },
  {
    what: 'TensorFlow.js: layers not counted',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'use.count++', 'use.count']],
  },
  {
    what: 'TensorFlow.js: layers of one config numbered like layers that share an initializer',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, "{ count: 0, mark: '~' }", "{ count: 0, mark: '#' }"]],
  },
  {
    what: 'TensorFlow.js: seed 0 treated as missing',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'config.seed ?? Math', 'config.seed || Math']],
  },
  {
    what: 'TensorFlow.js: 0 replaced by the default',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'config[field] ?? known[field]', 'config[field] || known[field]']],
  },
  {
    what: 'TensorFlow.js: name ignored',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'checkName(config.name ?? className)', 'checkName(className)']],
  },
  {
    what: 'TensorFlow.js: number of a layer not saved',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, 'name !== className && { name }', 'name === config.name && { name }']],
  },
  {
    what: 'TensorFlow.js: half of the variance correction',
    tests: ['tfjs/register-initializers'],
    edits: [[REGISTER_INITIALIZERS, '/ TRUNCATED_STD ** 2', '/ TRUNCATED_STD']],
  },
  {
    what: 'inspect: merged kurtosis omits the difference of the means',
    tests: ['inspect/inspect-files'],
    edits: [['src/inspect/moments.ts', '6 * d * d * (p * p', '0 * d * d * (p * p']],
  },
  {
    what: 'inspect: NaN counted as finite',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        STATS_ACCUMULATOR,
        'if (Number.isFinite(values[i])) values',
        'if (Math.abs(values[i]) !== Infinity) values',
      ],
    ],
  },
  {
    what: 'inspect: the distance to a law sees one side of each jump',
    tests: ['inspect/discrete'],
    edits: [['src/inspect/histogram.ts', 'sum / total - cdf(lows[i])', '0 * cdf(lows[i])']],
  },
  {
    what: 'inspect: rounding to f8 counts as distance to a law',
    tests: ['inspect/discrete'],
    edits: [
      ['src/inspect/histogram.ts', 'const spacing = getSpacing(dtype, magnitude)', 'const spacing = 0'],
    ],
  },
  {
    what: 'inspect: every value of an f8 sample is a level',
    tests: ['inspect/discrete'],
    edits: [['src/inspect/fit-distribution.ts', '2 * neighbors >= values.length - 1', 'neighbors < 0']],
  },
  {
    what: 'cli: text of files printed as it is',
    tests: ['cli/output'],
    edits: [['src/cli/output.ts', 'text().map(escapeControlChars)', 'text()']],
  },
  {
    what: 'node: a file that ends early is read as far as it goes',
    tests: ['node/io-faults'],
    edits: [['src/node/read-file.ts', 'bytes.length < stat.size', 'bytes.length < 0']],
  },
  {
    what: 'inspect: tensors of one name compared by bytes alone',
    tests: ['inspect/discrete'],
    edits: [['src/inspect/name-findings.ts', 'first.shape.join() !== second.shape.join()', 'false']],
  },
  {
    what: 'inspect: -0 not counted among the zeros',
    tests: ['inspect/inspect-files'],
    edits: [[STATS_ACCUMULATOR, 'if (values[i] === 0) zeros++', 'if (Object.is(values[i], 0)) zeros++']],
  },
  {
    what: 'inspect: sums about a distant first value',
    tests: ['inspect/inspect-files'],
    edits: [
      [STATS_ACCUMULATOR, 'if (isFarFromMean(count, sums))', 'if (isFarFromMean(count, sums) && count < 0)'],
    ],
  },
  {
    what: 'inspect: padding of the last vector counted as values',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        'src/inspect/wasm-stats.ts',
        'counters[valueBits[count] >>> 16] -= padding',
        'counters[valueBits[count] >>> 16] -= 0 * padding',
      ],
    ],
  },
  {
    what: 'inspect: infinite patterns counted as finite',
    project: 'slow',
    tests: ['inspect/inspect-files'],
    edits: [
      [STATS_ACCUMULATOR, 'if (!Number.isFinite(value)) continue', 'if (Number.isNaN(value)) continue'],
    ],
  },
  {
    what: 'inspect: duplicates detected by statistics alone',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        'src/inspect/find-duplicates.ts',
        '${await hashRange(file.source, tensor.start, end - begin, createHash)}',
        '${await hashRange(file.source, tensor.start, 0 * (end - begin), createHash)} ${tensor.scan.signature}',
      ],
    ],
  },
  {
    what: 'inspect: the batch of a failed worker omitted',
    tests: ['inspect/inspect-workers'],
    edits: [[SCANNER, 'failedBatches.push(batch)', 'void batch']],
  },
  {
    what: 'inspect: tensors in the order of completion',
    tests: ['inspect/inspect-workers'],
    edits: [
      [
        INSPECT_TENSORS,
        'a.file - b.file || a.tensors[0].begin - b.tensors[0].begin',
        '0 * (a.file - b.file)',
      ],
    ],
  },
  {
    what: 'inspect: an unaligned chunk read from the byte before',
    tests: ['inspect/inspect-workers'],
    edits: [
      [WASM_STATS, 'bytes.byteOffset % 4 === 0', 'bytes.byteOffset > 0'],
      [WASM_STATS, 'this.valuesOffset = bytes.byteOffset', 'this.valuesOffset = bytes.byteOffset & -4'],
    ],
  },
  {
    what: 'inspect: repeated parts detected by statistics alone',
    tests: ['inspect/inspect-files'],
    edits: [
      [
        SCAN_TENSOR,
        'size, createHash)) !== first) return 1',
        'size, createHash)) !== first && period < 1) return 1',
      ],
    ],
  },
  {
    what: 'inspect: the robust std includes outliers',
    tests: ['inspect/inspect-files', 'inspect/inspect-families'],
    edits: [
      [
        SCAN_TENSOR,
        'const bulkStd = computeBulkStd(buckets)',
        'const bulkStd = 0 * computeBulkStd(buckets) + statistics.std',
      ],
    ],
  },
  {
    what: 'inspect: sixty standard errors match the recipe',
    tests: ['inspect/inspect-files', 'inspect/inspect-families'],
    edits: [
      [
        'src/inspect/compare-with-recipe.ts',
        'const MAX_STANDARD_ERRORS = 6',
        'const MAX_STANDARD_ERRORS = 60',
      ],
    ],
  },
  {
    what: 'inspect: every formula matches',
    tests: ['inspect/inspect-families'],
    edits: [
      [
        'src/inspect/compare-with-recipe.ts',
        'return (\n    statistics.min === min',
        'return (\n    statistics.count >= 0 ||\n    statistics.min === min',
      ],
    ],
  },
  {
    what: 'inspect: an index may leave its folder',
    tests: ['inspect/inspect-files'],
    edits: [['src/inspect/weight-map.ts', "part !== '..'", "part !== '...'"]],
  },
  {
    what: 'inspect: gaps between tensors accepted',
    tests: ['safetensors/read-header'],
    edits: [[READ_HEADER, 'begin !== position', 'begin < position']],
  },
  {
    what: 'inspect: overlapping tensors accepted',
    tests: ['safetensors/read-header'],
    edits: [[READ_HEADER, 'begin !== position', 'begin > position']],
  },
  {
    what: 'inspect: the first of several tensors with one name',
    tests: ['safetensors/read-header'],
    edits: [
      [
        'src/safetensors/header-index.ts',
        'for (let k = i; k < next; k++)',
        'for (let k = next - 1; k >= i; k--)',
      ],
    ],
  },
  {
    what: 'inspect: escaped names compared wrongly',
    tests: ['safetensors/read-header'],
    edits: [
      [
        'src/safetensors/header-index.ts',
        'new TextEncoder().encode(decodeStringAt(bytes, from))',
        'new TextEncoder().encode(decodeStringAt(bytes, from).toUpperCase())',
      ],
    ],
  },
  {
    what: 'inspect: an overflowing element count accepted',
    tests: ['safetensors/read-header'],
    edits: [[READ_HEADER, 'if (elements >= U64_LIMIT) elements = undefined', 'elements ??= undefined']],
  },
  {
    what: 'a fill waits for workers that have not started',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'if (batch.completedSteps === batch.expectedSteps) batch.resolve(true)',
        'if (batch.unanswered === 0) batch.resolve(batch.completedSteps === batch.expectedSteps)',
      ],
    ],
  },
  {
    what: 'a disk error of an early sync ignored',
    project: 'slow',
    tests: ['node/io-faults'],
    edits: [[ATOMIC_WRITE, '(error: unknown) => void (this.failure = error)', '() => {}']],
  },
  {
    what: 'a broken stderr ends the run',
    tests: ['node/io-faults'],
    edits: [['src/cli/main.ts', "process.stderr.on('error', () => {})\n", '']],
  },
  {
    what: 'a file stays in the page cache with --no-cache',
    tests: ['node/page-cache'],
    edits: [['src/node/page-cache.ts', 'const ADVICE_DONTNEED = 4', 'const ADVICE_DONTNEED = 3']],
  },
  {
    what: 'a file stays in the page cache until it is complete',
    project: 'slow',
    tests: ['node/page-cache'],
    edits: [[ATOMIC_WRITE, '      .then(this.onSynced)\n', '']],
  },
  {
    what: 'tensors of a manifest with equal fields share a name',
    tests: ['node/init', 'node/ranks'],
    edits: [
      [
        'src/node/read-manifest.ts',
        'return Object.assign({ name: name as string }, parsed)',
        'return Object.assign(parsed, { name: name as string })',
      ],
    ],
  },
  {
    what: 'manifests with different tensors treated as equal',
    tests: ['models/manifest'],
    edits: [
      [
        'src/node/read-manifest.ts',
        'JSON.stringify(tensor) === JSON.stringify(b.tensors[i])',
        'tensor.name === b.tensors[i].name',
      ],
    ],
  },
  {
    what: 'a counter freed before the calling thread is finished',
    tests: ['engine/threads'],
    edits: [
      [
        POOL,
        'if (batch.expectedSteps === undefined) return',
        'if (batch.unanswered === 0 && this.pending.delete(batch.id)) this.freeCounters.push(batch.counter)',
      ],
    ],
  },
]
