/**
 * `registerInitializers(tf)`: the values of its initializers, their names, and their configs. `tf` is a stand-in with the
 * registry of TensorFlow.js (tfjs-core/src/serialization.ts); test/reference/tfjs-register.test.ts tests the same with
 * the real one, its layers and its JSON.
 */

import { describe, expect, it } from 'vitest'
import * as tfjs from '../../src/compat/tfjs.ts'
import {
  createEngine,
  resolveDistribution,
  heTruncatedNormal,
  effectiveStd,
  type Strategy,
} from '../../src/index.ts'
import { registerInitializers } from '../../src/tfjs/index.ts'

type Config = Record<string, unknown>
interface Instance {
  readonly className: string
  readonly config: Config
  apply(shape: number[], dtype?: string): { values: Float32Array; shape: number[]; dtype: string }
  getClassName(): string
  getConfig(): Config
}
interface InitializerClass {
  className: string
  fromConfig(initializerClass: InitializerClass, config: Config): Instance
}

const classes: Record<string, InitializerClass> = {}
const theirs = (name: string) => (options: object) => ({ theirs: name, options }) as unknown as Instance
const tf = {
  tensor: (values: Float32Array, shape: number[], dtype: 'float32') => ({ values, shape, dtype }),
  initializers: {
    zeros: theirs('zeros'),
    ones: theirs('ones'),
    constant: theirs('constant'),
    identity: theirs('identity'),
  },
  serialization: {
    registerClass: (initializerClass: InitializerClass) =>
      (classes[initializerClass.className] = initializerClass),
  },
}
const init = await registerInitializers(tf)
const make = init as unknown as Record<string, (options?: object) => Instance>
const engine = await createEngine()

/** Creates an initializer as TensorFlow.js does for a layer: getInitializer of tfjs-layers/src/initializers.ts. */
const layer = ({ className, config }: { className: string; config: Config }) =>
  classes[className].fromConfig(classes[className], config)
const saved = (initializer: Instance) =>
  JSON.parse(
    JSON.stringify({ className: initializer.getClassName(), config: initializer.getConfig() }),
  ) as Instance
const SHAPE = [6, 8]
const valuesOf = (initializer: Instance) => initializer.apply(SHAPE).values

describe('an initializer for TensorFlow.js', () => {
  const ROWS: [name: string, options: object][] = [
    ['randomUniform', {}],
    ['randomUniform', { minval: 0, maxval: 1 }],
    ['randomNormal', {}],
    ['randomNormal', { mean: 0, stddev: 0 }],
    ['truncatedNormal', { mean: 1 }],
    ['orthogonal', { gain: 0 }],
    ['orthogonal', {}],
    ['varianceScaling', { scale: 0 }],
    ['varianceScaling', { mode: 'fanOut', distribution: 'uniform' }],
    ...['glorotNormal', 'glorotUniform', 'heNormal', 'heUniform', 'leCunNormal', 'leCunUniform'].map(
      (name): [string, object] => [name, {}],
    ),
  ]

  it.each(ROWS)('has the values of the engine for its seed and name: %s %j', async (name, options) => {
    const strategy = (tfjs as unknown as Record<string, (options: object) => Strategy>)[name](options)
    for (const seed of [0, 42]) {
      const { data } = await engine.tensor(SHAPE, strategy, { seed, name: 'fc1' })
      const { values, shape, dtype } = make[name]({ ...options, seed, name: 'fc1' }).apply(SHAPE)
      expect([values, shape, dtype]).toEqual([data, SHAPE, 'float32'])
    }
  })

  it('has the class name that TensorFlow.js saves as its default name', async () => {
    const { data } = await engine.tensor(SHAPE, tfjs.heNormal(), { seed: 3, name: 'VarianceScaling' })
    expect(valuesOf(make.heNormal({ seed: 3 }))).toEqual(data)
    const { data: normal } = await engine.tensor(SHAPE, tfjs.randomNormal(), {
      seed: 3,
      name: 'RandomNormal',
    })
    expect(valuesOf(make.randomNormal({ seed: 3 }))).toEqual(normal)
  })

  it('has different values in every call and layer, and the same when everything is created again', () => {
    const once = () => {
      const held = make.heNormal({ seed: 0 })
      const first = layer(held)
      const all = [
        valuesOf(held),
        valuesOf(first),
        valuesOf(first),
        valuesOf(layer(held)),
        valuesOf(layer(first)),
      ]
      return all.map(String)
    }
    const all = once()
    expect(new Set(all).size).toBe(all.length)
    expect(once()).toEqual(all)
  })

  it('counts initializers separately, even if they share an options object', () => {
    for (const name of ['randomNormal', 'orthogonal', 'varianceScaling', 'heNormal']) {
      const options = { seed: 4, name: 'w' }
      const [a, b] = [make[name](options), make[name](options)]
      expect(valuesOf(b)).toEqual(valuesOf(a))
    }
  })

  it('appends #1 for the second layer and /1 for the second call to the name', async () => {
    const held = make.heUniform({ seed: 5, name: 'w' })
    const drawn = [layer(held), layer(held)].flatMap((each) => [valuesOf(each), valuesOf(each)])
    const names = ['w', 'w/1', 'w#1', 'w#1/1']
    const expected = names.map((name) => engine.tensor(SHAPE, tfjs.heUniform(), { seed: 5, name }))
    expect(drawn).toEqual((await Promise.all(expected)).map(({ data }) => data))
  })

  it('from a saved config repeats the values of the original, in any order', () => {
    const held = make.orthogonal({ name: 'w' })
    const layers = [layer(held), layer(held), layer(held)]
    const drawn = layers.map(valuesOf)
    const again = layers.map(saved).toReversed().map(layer)
    expect(again.map(valuesOf).toReversed()).toEqual(drawn)
  })

  it('has different values in two layers from one config, as in a bidirectional layer', () => {
    const held = make.heNormal({ seed: 1 })
    const config = { className: 'VarianceScaling', config: layer(held).getConfig() }
    const pair = [layer(config), layer(config), layer(held)].map(valuesOf)
    expect(new Set(pair.map(String)).size).toBe(3)
  })

  it('without a seed gets a random one, which its config keeps', () => {
    const [a, b] = [make.glorotUniform(), make.glorotUniform()]
    expect(a.config.seed).not.toBe(b.config.seed)
    expect(valuesOf(layer(saved(a)))).toEqual(valuesOf(a))
  })

  it('has the config and class name of TensorFlow.js, and the name if one was given', () => {
    const configs = {
      randomUniform: { minval: -0.05, maxval: 0.05, seed: 0 },
      randomNormal: { mean: 0, stddev: 0.05, seed: 0 },
      truncatedNormal: { mean: 0, stddev: 0.05, seed: 0 },
      orthogonal: { gain: 1, seed: 0 },
      varianceScaling: { scale: 1, mode: 'fanIn', distribution: 'normal', seed: 0 },
      glorotUniform: { scale: 1, mode: 'fanAvg', distribution: 'uniform', seed: 0 },
      heNormal: { scale: 2, mode: 'fanIn', distribution: 'normal', seed: 0 },
    }
    for (const [name, config] of Object.entries(configs)) {
      expect(make[name]({ seed: 0 }).getConfig()).toEqual(config)
      expect(make[name]({ seed: 0, name: 'w' }).getConfig()).toEqual({ ...config, name: 'w' })
    }
    expect(make.heNormal().getClassName()).toBe('VarianceScaling')
    expect(make.orthogonal().getClassName()).toBe('Orthogonal')
  })

  it('corrects the variance of truncatedNormal in a config that TensorFlow.js understands', () => {
    for (const held of [
      make.heTruncatedNormal({ seed: 1 }),
      make.varianceScaling({ scale: 2, distribution: 'truncatedNormal', seed: 1 }),
      layer({
        className: 'VarianceScaling',
        config: { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' },
      }),
    ]) {
      const { seed: _, ...config } = held.getConfig()
      expect(config).toEqual({ scale: 2 / 0.87962566103423978 ** 2, mode: 'fanIn', distribution: 'normal' })
      const std = (strategy: Strategy) => effectiveStd(resolveDistribution(strategy, SHAPE))
      expect(std(tfjs.varianceScaling(config))).toBeCloseTo(std(heTruncatedNormal({ layout: 'io' })), 12)
    }
  })

  it('accepts configs with nulls, unknown fields and any number as seed', () => {
    const config = { minval: null, maxval: 1, seed: 0.5, dtype: 'float32', customObjects: {} }
    const made = layer({ className: 'RandomUniform', config })
    expect(made.getConfig()).toEqual({ minval: -0.05, maxval: 1, seed: 0.5 })
  })

  it('rejects invalid options', () => {
    const wrong: [() => unknown, string][] = [
      [() => make.heNormal({ sed: 1 }), '"heNormal" has no field "sed"; its fields are seed, name'],
      [() => make.heNormal({ seed: '1' }), '"seed" must be a finite number; received "1"'],
      [() => make.heNormal({ seed: NaN }), '"seed" must be a finite number; received NaN'],
      [() => make.heNormal({ name: '' }), '"name" must be a non-empty string; received ""'],
      [() => make.randomNormal({ stddev: -1 }), '"std" must be a finite number >= 0; received -1'],
      [() => make.varianceScaling({ mode: 'fan_in' }), '"mode" must be one of'],
      [() => make.heNormal().apply(SHAPE, 'int32'), '"dtype" must be \'float32\''],
      [() => make.orthogonal().apply([3]), '"shape" must be'],
      [() => make.heNormal().apply([2 ** 40]), 'bytes for one tensor; fill it in parts'],
      [
        () => make.heNormal().apply([null as never, 3]),
        '"shape[0]" must be a safe integer >= 0; received null',
      ],
    ]
    for (const [act, message] of wrong) expect(act).toThrow(message)
  })
})

describe('registerInitializers', () => {
  it('keeps the constant initializers of TensorFlow.js', () => {
    expect(init.constant({ value: 0 })).toEqual({ theirs: 'constant', options: { value: 0 } })
    expect(make.zeros()).toEqual({ theirs: 'zeros' })
    expect([init.ones, init.identity]).toEqual([tf.initializers.ones, tf.initializers.identity])
  })

  it('may be called again, with the same values', async () => {
    const again = (await registerInitializers(tf)) as unknown as typeof make
    const [a, b] = [make, again].map(({ heNormal }) => heNormal({ seed: 1, name: 'w' }))
    expect(valuesOf(layer(a))).toEqual(valuesOf(layer(b)))
  })

  it('takes an engine', async () => {
    const plain = await createEngine({ backend: 'js' })
    const by = (await registerInitializers(tf, { engine: plain })) as unknown as typeof make
    const held = by.orthogonal({ seed: 1 })
    expect(valuesOf(held)).toEqual(valuesOf(make.orthogonal({ seed: 1 })))
    await plain.close()
    expect(() => held.apply(SHAPE)).toThrow('this engine has been closed')
    await registerInitializers(tf)
  })

  it.each([
    [undefined, {}, '"tf" must be the module @tensorflow/tfjs, with its layers; received undefined'],
    [
      { tensor: tf.tensor },
      {},
      '"tf" must be the module @tensorflow/tfjs, with its layers; received an object',
    ],
    [tf, { threads: 2 }, '"options" has no field "threads"; its fields are engine'],
    [tf, { engine: 'wasm' }, '"engine" must be an engine; received "wasm"'],
  ])('rejects invalid arguments: %#', async (library, options, message) => {
    await expect(registerInitializers(library as typeof tf, options as object)).rejects.toThrow(message)
  })
})
