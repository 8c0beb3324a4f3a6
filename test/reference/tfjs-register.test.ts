/**
 * `registerInitializers(tf)` with the real TensorFlow.js: its layers, its JSON, its training, and its own defects. The
 * package is that of bench/baselines; `npm run test:reference` installs it.
 */

import { execFileSync } from 'node:child_process'
import { describe, expect, it, type TestContext } from 'vitest'
import * as tfjs from '../../src/compat/tfjs.ts'
import {
  createEngine,
  effectiveStd,
  resolveDistribution,
  heTruncatedNormal as coreHeTruncatedNormal,
} from '../../src/index.ts'
import { registerInitializers, type Initializers } from '../../src/tfjs/index.ts'
import { computeSampleStats } from '../support/moments.ts'
import { loadTensorFlow } from '../support/oracles.ts'

interface Tensor {
  dataSync(): Float32Array
}
interface Initializer {
  apply(shape: number[], dtype?: string): Tensor
}
interface Layer {
  apply(input: object): object
}
interface Model {
  compile(options: object): void
  fit(x: object, y: object, options: object): Promise<{ history: { loss: number[] } }>
  getWeights(): Tensor[]
  predict(x: object): Tensor
  toJSON(unused: null, text: true): string
  save(handler: object): Promise<unknown>
}
/** The parts of TensorFlow.js used here. */
interface Tensorflow {
  input(options: object): object
  model(options: object): Model
  sequential(options: { layers: Layer[] }): Model
  layers: Record<string, (options: object) => Layer>
  initializers: Record<
    'zeros' | 'ones' | 'constant' | 'identity' | 'varianceScaling',
    (options: object) => Initializer
  >
  models: { modelFromJSON(json: object): Promise<Model> }
  io: { withSaveHandler(save: (artifacts: object) => Promise<object>): object }
  serialization: { registerClass(kind: object): object }
  tensor(values: Float32Array, shape: number[], dtype?: 'float32'): Tensor
  tensor2d(values: number[][]): object
  memory(): { numTensors: number }
}

const real = (context: TestContext) => loadTensorFlow<Tensorflow>(context)
const weightsOf = (model: Model) => model.getWeights().map((weight) => [...weight.dataSync()])

/** The output of a program that has TensorFlow.js as `tf`, but not simdinit; `given` is the request. */
function alone<Answer>(program: string, given: unknown = null): Answer {
  const code = `
    const tf = require('@tensorflow/tfjs')
    const given = JSON.parse(require('fs').readFileSync(0, 'utf8'))
    const main = async () => { ${program} }
    main().then((answer) => console.log(JSON.stringify(answer)))`
  const options = { cwd: 'bench/baselines', input: JSON.stringify(given), encoding: 'utf8' } as const
  const output = execFileSync(process.execPath, ['-e', code], {
    ...options,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return JSON.parse(output.trim().split('\n').at(-1)!) as Answer
}

/** A model of one layer and its input. */
function modelOf(tf: Tensorflow, shape: number[], layer: Layer): Model {
  const inputs = tf.input({ shape })
  return tf.model({ inputs, outputs: layer.apply(inputs) })
}
const again = (tf: Tensorflow, model: Model) => tf.models.modelFromJSON(JSON.parse(model.toJSON(null, true)))

const IMAGE = [8, 8, 3]
const SEQUENCE = [4, 3]
type Init = Initializers<Initializer>

/** Every layer of TensorFlow.js that takes initializers, with one initializer for all of them. */
const LAYERS = (() => {
  const recurrent = (k: object) => ({
    units: 3,
    kernelInitializer: k,
    recurrentInitializer: k,
    biasInitializer: k,
  })
  const kernel = (k: object) => ({ filters: 2, kernelSize: 2, kernelInitializer: k, biasInitializer: k })
  type Use = (layers: Tensorflow['layers'], k: object) => Layer
  return {
    dense: [[5], (layers, k) => layers.dense({ units: 4, kernelInitializer: k, biasInitializer: k })],
    conv1d: [SEQUENCE, (layers, k) => layers.conv1d(kernel(k))],
    conv2d: [IMAGE, (layers, k) => layers.conv2d(kernel(k))],
    conv2dTranspose: [IMAGE, (layers, k) => layers.conv2dTranspose(kernel(k))],
    conv3d: [[4, ...IMAGE], (layers, k) => layers.conv3d(kernel(k))],
    conv3dTranspose: [[4, ...IMAGE], (layers, k) => layers.conv3dTranspose(kernel(k))],
    depthwiseConv2d: [
      IMAGE,
      (layers, k) => layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: k, biasInitializer: k }),
    ],
    embedding: [
      [4],
      (layers, k) => layers.embedding({ inputDim: 5, outputDim: 3, embeddingsInitializer: k }),
    ],
    prelu: [[4], (layers, k) => layers.prelu({ alphaInitializer: k })],
    batchNormalization: [
      [4],
      (layers, k) => layers.batchNormalization({ betaInitializer: k, gammaInitializer: k }),
    ],
    layerNormalization: [
      [4],
      (layers, k) => layers.layerNormalization({ betaInitializer: k, gammaInitializer: k }),
    ],
    simpleRNN: [SEQUENCE, (layers, k) => layers.simpleRNN(recurrent(k))],
    gru: [SEQUENCE, (layers, k) => layers.gru(recurrent(k))],
    lstm: [SEQUENCE, (layers, k) => layers.lstm(recurrent(k))],
    convLstm2d: [[2, ...IMAGE], (layers, k) => layers.convLstm2d({ ...recurrent(k), ...kernel(k) })],
    bidirectional: [SEQUENCE, (layers, k) => layers.bidirectional({ layer: layers.lstm(recurrent(k)) })],
    timeDistributed: [
      SEQUENCE,
      (layers, k) => layers.timeDistributed({ layer: layers.dense({ units: 2, kernelInitializer: k }) }),
    ],
    stackedRNNCells: [
      SEQUENCE,
      (layers, k) =>
        layers.rnn({
          cell: layers.stackedRNNCells({
            cells: [layers.lstmCell(recurrent(k)), layers.gruCell(recurrent(k))],
          }),
        }),
    ],
  } satisfies Record<string, [number[], Use]>
})()

describe('registered initializers in the layers of TensorFlow.js', () => {
  it('give every weight of every layer different values, and restore each model from its JSON', async (context) => {
    const tf = real(context)
    const init = await registerInitializers(tf)
    for (const seed of [0, undefined]) {
      const k = init.randomNormal({ seed })
      const seen = new Map<string, string>()
      for (const [name, [shape, use]] of Object.entries(LAYERS)) {
        const model = modelOf(tf, shape, use(tf.layers, k))
        const weights = weightsOf(model)
        for (const [i, weight] of weights.entries()) {
          if (weight.every((value) => value === 0 || value === 1)) continue // left at its default
          const start = String(weight.slice(0, 3))
          expect(seen.get(start), `weight ${i} of ${name}`).toBeUndefined()
          seen.set(start, `weight ${i} of ${name}`)
        }
        expect(weightsOf(await again(tf, model)), name).toEqual(weights)
      }
      expect(seen.size).toBeGreaterThan(35)
    }
  })

  it('give the branches of a network the same values, in whichever order they are created', async (context) => {
    const tf = real(context)
    const { heNormal } = await registerInitializers(tf)
    const k = heNormal()
    const dense = (units: number) => tf.layers.dense({ units, kernelInitializer: k })
    const inputs = tf.input({ shape: [6] })
    const [late, early] = [dense(5), dense(5)]
    const short = early.apply(inputs)
    const long = dense(5).apply(dense(4).apply(late.apply(inputs)))
    const model = tf.model({ inputs, outputs: tf.layers.add({}).apply([short, long] as never) })
    expect(weightsOf(await again(tf, model))).toEqual(weightsOf(model))
  })

  it('give a dense layer the values of the engine, for its seed and name', async (context) => {
    const tf = real(context)
    const { heUniform } = await registerInitializers(tf)
    const kernelInitializer = heUniform({ seed: 42, name: 'fc1' })
    const [kernel] = modelOf(tf, [6], tf.layers.dense({ units: 7, kernelInitializer })).getWeights()
    const engine = await createEngine()
    const { data } = await engine.tensor([6, 7], tfjs.heUniform(), { seed: 42, name: 'fc1' })
    expect(kernel.dataSync()).toEqual(data)
  })

  it('are found by the strings and configs of the built-in ones', async (context) => {
    const tf = real(context)
    await registerInitializers(tf)
    const layer = (recurrentInitializer: unknown) =>
      weightsOf(modelOf(tf, SEQUENCE, tf.layers.gru({ units: 3, recurrentInitializer })))[1]
    const config = { gain: 1, seed: 9 }
    const named = layer({ className: 'Orthogonal', config })
    const engine = await createEngine()
    const { data } = await engine.tensor([3, 9], tfjs.orthogonal(), { seed: 9, name: 'Orthogonal' })
    expect(named).toEqual([...data])
    expect(layer('orthogonal')).not.toEqual(layer('orthogonal'))
    const saved = {
      className: 'VarianceScaling',
      config: { scale: 2, mode: 'fanIn', distribution: 'normal', seed: 9 },
    }
    const { data: scaled } = await engine.tensor([3, 9], tfjs.heNormal(), {
      seed: 9,
      name: 'VarianceScaling',
    })
    expect(layer(saved)).toEqual([...scaled])
  })

  it('leave no tensor behind except the weights', async (context) => {
    const tf = real(context)
    const { heNormal, orthogonal } = await registerInitializers(tf)
    const before = tf.memory().numTensors
    for (const k of [heNormal(), orthogonal()]) k.apply([20, 20])
    expect(tf.memory().numTensors).toBe(before + 2)
  })

  it('honor zeros: a constant, a bound, a standard deviation, a gain', async (context) => {
    const tf = real(context)
    const init = await registerInitializers(tf)
    const figures = (k: Initializer) => computeSampleStats(k.apply([50, 50]).dataSync())
    expect(figures(init.constant({ value: 0 })).max).toBe(0)
    expect(figures(init.randomUniform({ minval: 0, maxval: 1 })).min).toBeGreaterThanOrEqual(0)
    expect(figures(init.randomNormal({ stddev: 0 })).std).toBe(0)
    expect(figures(init.orthogonal({ gain: 0 })).std).toBe(0)
  })
})

describe('a model', () => {
  const data = (tf: Tensorflow) => {
    const points = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
    return [tf.tensor2d(points), tf.tensor2d(points.map(([x, y]) => [x * y > 0 ? 1 : 0]))]
  }
  const network = (tf: Tensorflow, k: Init) => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          inputShape: [2],
          units: 16,
          activation: 'relu',
          kernelInitializer: k.heNormal({ seed: 0, name: 'fc1' }),
        }),
        tf.layers.dense({ units: 1, kernelInitializer: k.glorotTruncatedNormal({ seed: 0, name: 'fc2' }) }),
      ],
    })
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    return model
  }

  it('learns by model.fit, and gives the same losses twice', async (context) => {
    const tf = real(context)
    const init = await registerInitializers(tf)
    const [x, y] = data(tf)
    const run = async () => {
      const { history } = await network(tf, init).fit(x, y, { epochs: 30, shuffle: false, verbose: 0 })
      return history.loss
    }
    const losses = await run()
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0])
    expect(await run()).toEqual(losses)
  })

  it('that was saved loads without simdinit, with the same weights', async (context) => {
    const tf = real(context)
    const init = await registerInitializers(tf)
    const model = network(tf, init)
    const [x] = data(tf)
    let kept: { modelTopology?: object; weightData?: ArrayBuffer } = {}
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        kept = artifacts
        return { modelArtifactsInfo: {} }
      }),
    )
    const { values, shapes } = alone<{ values: number[]; shapes: number[][] }>(
      `given.weightData = Uint8Array.from(given.weightData).buffer
       const model = await tf.loadLayersModel({ load: async () => given })
       const fresh = await tf.models.modelFromJSON(given.modelTopology)
       const points = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
       const values = [...model.predict(tf.tensor2d(points)).dataSync()]
       return { values, shapes: fresh.weights.map(({ shape }) => shape) }`,
      { ...kept, weightData: [...new Uint8Array(kept.weightData!)] },
    )
    expect(values).toEqual([...model.predict(x).dataSync()])
    expect(shapes).toEqual([[2, 16], [16], [16, 1], [1]])
    expect(JSON.stringify(kept.modelTopology).match(/"class_name":"\w+"/g)).toEqual(
      ['Sequential', 'Dense', 'VarianceScaling', 'Zeros', 'Dense', 'VarianceScaling', 'Zeros'].map(
        (name) => `"class_name":"${name}"`,
      ),
    )
  })
})

describe('TensorFlow.js itself', () => {
  it('reaches the standard deviation that its name specifies, with the config that preserves the variance', async (context) => {
    const tf = real(context)
    const { heTruncatedNormal, heNormal } = await registerInitializers(tf)
    const config = (k: Initializer) =>
      (k as Initializer & { getConfig(): Record<string, unknown> }).getConfig()
    const variance = (config: object) =>
      computeSampleStats(tf.initializers.varianceScaling(config).apply([200, 500]).dataSync()).std ** 2
    expect(variance(config(heTruncatedNormal({ seed: 7 }))) / (2 / 200)).toBeCloseTo(1, 1)
    expect(variance(config(heNormal({ seed: 7 }))) / (2 / 200)).toBeLessThan(0.8)
  })

  it('draws a uniform for a config with truncatedNormal; simdinit truncates and preserves the variance', async (context) => {
    const tf = real(context)
    const { varianceScaling } = await registerInitializers(tf)
    const options = { distribution: 'truncatedNormal', seed: 7 } as const
    const found = computeSampleStats(tf.initializers.varianceScaling(options).apply([200, 500]).dataSync())
    expect(found.max * Math.sqrt(200)).toBeCloseTo(Math.sqrt(3), 2)
    const own = computeSampleStats(varianceScaling(options).apply([200, 500]).dataSync())
    expect(own.max * Math.sqrt(200)).toBeCloseTo(2 / 0.87962566103423978, 2)
    expect(own.std * Math.sqrt(200)).toBeCloseTo(1, 2)
  })

  it('gives both directions of a layer, and all calls, the same values if seeded; simdinit gives different ones', async (context) => {
    const tf = real(context)
    const init = await registerInitializers(tf)
    const [forward, backward, ...calls] = alone<number[][]>(`
      const kernelInitializer = tf.initializers.heNormal({ seed: 5 })
      const layer = tf.layers.bidirectional({ layer: tf.layers.gru({ units: 3, kernelInitializer }) })
      const input = tf.input({ shape: [4, 3] })
      const weights = tf.model({ inputs: input, outputs: layer.apply(input) }).getWeights()
      const calls = [1, 2].map(() => kernelInitializer.apply([3, 3]))
      return [weights[0], weights[3], ...calls].map((tensor) => [...tensor.dataSync()])`)
    expect(forward).toEqual(backward)
    expect(calls[0]).toEqual(calls[1])
    const kernelInitializer = init.heNormal({ seed: 5 })
    const layer = tf.layers.bidirectional({ layer: tf.layers.gru({ units: 3, kernelInitializer }) })
    const weights = weightsOf(modelOf(tf, SEQUENCE, layer))
    expect(weights[0]).not.toEqual(weights[3])
  })

  it('counts all channels in the fan in of a depthwise kernel, which a scale times channels corrects', async (context) => {
    const channels = 64
    const { heTruncatedNormal, heNormal, varianceScaling } = await registerInitializers(real(context))
    const corrected = { scale: 2 * channels, distribution: 'truncatedNormal', seed: 1 } as const
    const kernelShape = [5, 5, channels, 4]
    const varianceOf = (initializer: object) =>
      computeSampleStats((initializer as Initializer).apply(kernelShape).dataSync()).std ** 2
    const theirs = alone<number[]>(
      `const { heNormal } = tf.initializers
       return [...heNormal({ seed: 1 }).apply(given).dataSync()]`,
      kernelShape,
    )
    const theirVariance = computeSampleStats(Float32Array.from(theirs)).std ** 2
    expect(varianceOf(heNormal({ seed: 1 })) / theirVariance).toBeCloseTo(1, 1)
    expect(varianceOf(heTruncatedNormal({ seed: 1 })) / (2 / (25 * channels))).toBeCloseTo(1, 1)
    expect(varianceOf(varianceScaling(corrected)) / (2 / 25)).toBeCloseTo(1, 1)
    const axes = { inAxes: [], outAxes: [3], batchAxes: [2] }
    expect(effectiveStd(resolveDistribution(coreHeTruncatedNormal(axes), kernelShape)) ** 2).toBeCloseTo(
      2 / 25,
      8,
    )
  })

  it('ignores the pointwise initializer of a separable convolution, the only weight that is not reproducible', async (context) => {
    const tf = real(context)
    const { heNormal } = await registerInitializers(tf)
    const layer = tf.layers.separableConv2d({
      filters: 2,
      kernelSize: 2,
      depthwiseInitializer: heNormal({ seed: 1, name: 'w' }),
      pointwiseInitializer: heNormal({ seed: 1, name: 'point' }),
    })
    const model = modelOf(tf, IMAGE, layer)
    expect(model.toJSON(null, true).match(/"name":"[wp][^"]*"/g)).toEqual(['"name":"w"', '"name":"w#1"'])
    const [depth, point] = weightsOf(model)
    const [depthAgain, pointAgain] = weightsOf(await again(tf, model))
    expect(depthAgain).toEqual(depth)
    expect(pointAgain).not.toEqual(point)
  })
})
