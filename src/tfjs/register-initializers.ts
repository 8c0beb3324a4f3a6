/**
 * The initializers of `tf.initializers`, under the same names and with the same options, whose values this package
 * computes. `registerInitializers(tf)` once, then pass them to layers. They are saved as TensorFlow.js's own classes with
 * its configs.
 *
 * TensorFlow.js creates an initializer from a class name and a config when it loads a model, and for every layer that is
 * given one. So each layer has its own initializer, whose name is in its config, and a model that is created again from
 * its JSON has the same initial values.
 * Source: tfjs-layers/src/initializers.ts and utils/generic_utils.ts, 4.22.
 */

import { orthogonal, randomNormal, randomUniform, truncatedNormal, varianceScaling } from '../compat/tfjs.ts'
import { TRUNCATED_STD } from '../numeric/truncated-normal.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { allocateData } from '../engine/validate-request.ts'
import { checkNumber, checkObject, checkShape, throwTypeError, throwRangeError } from '../errors/validate.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { checkName } from '../rng/stream.ts'

/** The part of `@tensorflow/tfjs` that is used here. */
export interface TensorFlow {
  /**
   * Creates a tensor.
   *
   * @param values The elements, in row-major order.
   * @param shape The dimensions.
   * @param dtype Always 'float32'.
   * @returns A TensorFlow.js tensor.
   */
  tensor(values: Float32Array, shape: number[], dtype: 'float32'): object
  /** TensorFlow.js's own initializers; these four are used unchanged. */
  initializers: Record<'zeros' | 'ones' | 'constant' | 'identity', (options: never) => object>
  /** The registry of classes from which TensorFlow.js loads models. */
  serialization: { registerClass(initializerClass: never): unknown }
}

/** The type `Initializer` of a copy of TensorFlow.js. */
export type InitializerFor<T extends TensorFlow> = ReturnType<T['initializers']['zeros']>

/** Options of every initializer that depends on a seed. */
export interface SeedOptions {
  /** Any finite number. Default: a random one, which the config keeps. */
  seed?: number
  /** Name of the tensor. Default: the class name that TensorFlow.js saves, such as 'VarianceScaling'. */
  name?: string
}

/** Options of `varianceScaling`. */
export interface VarianceScalingOptions extends SeedOptions {
  /** Factor of the variance, >= 0; default 1. */
  scale?: number
  /** The fan that the variance is divided by; default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg'
  /**
   * Default 'normal', which is TensorFlow.js's: truncated at two standard deviations, so that the standard deviation is
   * 0.88 of the nominal one. 'truncatedNormal' corrects for this.
   */
  distribution?: 'normal' | 'truncatedNormal' | 'uniform'
}

/** The functions of `tf.initializers`, and three more. Each returns an initializer for layers of TensorFlow.js. */
export interface Initializers<Initializer> {
  /** All zeros; TensorFlow.js's own. */
  readonly zeros: () => Initializer
  /** All ones; TensorFlow.js's own. */
  readonly ones: () => Initializer
  /** One value for all elements; TensorFlow.js's own. */
  readonly constant: (options: { value: number }) => Initializer
  /** The identity matrix times `gain` (default 1); TensorFlow.js's own. */
  readonly identity: (options?: { gain?: number }) => Initializer
  /** Uniform from `minval` (default -0.05) to `maxval` (default 0.05). */
  readonly randomUniform: (options?: { minval?: number; maxval?: number } & SeedOptions) => Initializer
  /** Normal with `mean` (default 0) and `stddev` (default 0.05). */
  readonly randomNormal: (options?: { mean?: number; stddev?: number } & SeedOptions) => Initializer
  /** Normal with `mean` (default 0) and `stddev` (default 0.05), truncated at two standard deviations. */
  readonly truncatedNormal: (options?: { mean?: number; stddev?: number } & SeedOptions) => Initializer
  /** A matrix with orthonormal rows or columns, times `gain` (default 1). */
  readonly orthogonal: (options?: { gain?: number } & SeedOptions) => Initializer
  /** Variance `scale` / fan. */
  readonly varianceScaling: (options?: VarianceScalingOptions) => Initializer
  /** Glorot and Bengio, 2010: nominal variance 1 / fanAvg, truncated at two standard deviations. */
  readonly glorotNormal: (options?: SeedOptions) => Initializer
  /** `glorotNormal` with the exact variance 1 / fanAvg. */
  readonly glorotTruncatedNormal: (options?: SeedOptions) => Initializer
  /** Glorot and Bengio, 2010: uniform with variance 1 / fanAvg. */
  readonly glorotUniform: (options?: SeedOptions) => Initializer
  /** He et al., 2015: nominal variance 2 / fanIn, truncated at two standard deviations. */
  readonly heNormal: (options?: SeedOptions) => Initializer
  /** `heNormal` with the exact variance 2 / fanIn. */
  readonly heTruncatedNormal: (options?: SeedOptions) => Initializer
  /** He et al., 2015: uniform with variance 2 / fanIn. */
  readonly heUniform: (options?: SeedOptions) => Initializer
  /** LeCun et al., 1998: nominal variance 1 / fanIn, truncated at two standard deviations. */
  readonly leCunNormal: (options?: SeedOptions) => Initializer
  /** `leCunNormal` with the exact variance 1 / fanIn. */
  readonly leCunTruncatedNormal: (options?: SeedOptions) => Initializer
  /** LeCun et al., 1998: uniform with variance 1 / fanIn. */
  readonly leCunUniform: (options?: SeedOptions) => Initializer
}

/** By the class names of TensorFlow.js: the fields of the config with their defaults, and the strategy for a config. */
const INITIALIZER_CLASSES = {
  RandomUniform: { fields: { minval: -0.05, maxval: 0.05 }, createStrategy: randomUniform },
  RandomNormal: { fields: { mean: 0, stddev: 0.05 }, createStrategy: randomNormal },
  TruncatedNormal: { fields: { mean: 0, stddev: 0.05 }, createStrategy: truncatedNormal },
  Orthogonal: { fields: { gain: 1 }, createStrategy: orthogonal },
  VarianceScaling: {
    fields: { scale: 1, mode: 'fanIn', distribution: 'normal' },
    createStrategy: varianceScaling,
  },
} as const satisfies Record<string, { fields: object; createStrategy: (fields: never) => Strategy }>
type ClassName = keyof typeof INITIALIZER_CLASSES

/** Named configs of VarianceScaling. */
const NAMED_SCALINGS = {
  glorotNormal: { scale: 1, mode: 'fanAvg', distribution: 'normal' },
  glorotTruncatedNormal: { scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' },
  glorotUniform: { scale: 1, mode: 'fanAvg', distribution: 'uniform' },
  heNormal: { scale: 2, mode: 'fanIn', distribution: 'normal' },
  heTruncatedNormal: { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' },
  heUniform: { scale: 2, mode: 'fanIn', distribution: 'uniform' },
  leCunNormal: { scale: 1, mode: 'fanIn', distribution: 'normal' },
  leCunTruncatedNormal: { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' },
  leCunUniform: { scale: 1, mode: 'fanIn', distribution: 'uniform' },
} as const

/** Options of every initializer in `INITIALIZER_CLASSES`. */
const SEED_OPTIONS = ['seed', 'name']

type Config = Record<string, unknown>

let sharedEngine: Promise<Engine> | undefined

/** The smallest one: `fillSync` with plain arrays does not lend memory. */
const ENGINE_MEMORY_BYTES = 2 ** 20

/**
 * Creates the initializers for a copy of TensorFlow.js, and registers their classes, so that models that are loaded from
 * now on use them too. They compute values synchronously, on the calling thread.
 *
 * @param tf The module `@tensorflow/tfjs`, version 4.
 * @param options `engine`: computes the values; by default one engine that all calls share. The values are the same.
 * @returns The functions of `tf.initializers`, and three more.
 * @throws TypeError (`ERR_INVALID_TYPE`) if `tf` is not TensorFlow.js with its layers, or an option is wrong.
 * @example
 * import * as tf from '@tensorflow/tfjs'
 * import { registerInitializers } from 'simdinit/tfjs'
 *
 * const init = await registerInitializers(tf)
 * const kernelInitializer = init.heNormal({ seed: 42, name: 'fc1' })
 * const layer = tf.layers.dense({ units: 16, inputShape: [784], kernelInitializer })
 * console.log(layer.getConfig().kernelInitializer.config.seed) // 42
 */
export async function registerInitializers<T extends TensorFlow>(
  tf: T,
  options: { engine?: Engine } = {},
): Promise<Initializers<InitializerFor<T>>> {
  if (typeof tf?.tensor !== 'function' || !tf.initializers?.zeros || !tf.serialization?.registerClass) {
    throwTypeError('tf', 'the module @tensorflow/tfjs, with its layers', tf)
  }
  const { engine } = checkObject('options', options, ['engine']) as { engine?: Engine }
  if (engine !== undefined && typeof engine?.fillSync !== 'function')
    throwTypeError('engine', 'an engine', engine)
  const usedEngine =
    engine ?? (await (sharedEngine ??= createEngine({ threads: 1, memory: ENGINE_MEMORY_BYTES })))

  const { zeros, ones, constant, identity } = tf.initializers
  const factories: Record<string, (options: never) => object> = { zeros, ones, constant, identity }
  for (const className of Object.keys(INITIALIZER_CLASSES) as ClassName[]) {
    const initializerClass = createInitializerClass(className, tf, usedEngine)
    tf.serialization.registerClass(initializerClass as never)
    const addFactory = (title: string, fields: readonly string[], fixedFields: Config = {}) => {
      factories[title] = (options: Config = {}) =>
        initializerClass.createTemplate({ ...checkObject(title, options, fields), ...fixedFields })
    }
    const title = `${className[0].toLowerCase()}${className.slice(1)}`
    addFactory(title, [...Object.keys(INITIALIZER_CLASSES[className].fields), ...SEED_OPTIONS])
    if (className !== 'VarianceScaling') continue
    for (const [title, fields] of Object.entries(NAMED_SCALINGS)) addFactory(title, SEED_OPTIONS, fields)
  }
  return factories as unknown as Initializers<InitializerFor<T>>
}

/**
 * How many initializers were created from a config, and the mark that makes their names differ: '#' for the layers that
 * were given a user's initializer, '~' where TensorFlow.js creates two layers from one config, as in a bidirectional one.
 */
const configUses = new WeakMap<object, { count: number; mark: '#' | '~' }>()

/** The name of the nth use, from 0; the first is the name itself. */
const appendIndex = (name: string, mark: string, n: number) => (n === 0 ? name : `${name}${mark}${n}`)

/** The class `className` for a copy of TensorFlow.js, which creates instances from a config. */
function createInitializerClass(className: ClassName, tf: TensorFlow, engine: Engine) {
  const { fields, createStrategy } = INITIALIZER_CLASSES[className]

  return class SeededInitializer {
    static readonly className = className
    readonly className = className
    /** TensorFlow.js reads it when this is passed to a layer. */
    readonly config: Config
    private readonly strategy: Strategy
    private calls = 0

    static fromConfig(initializerClass: typeof SeededInitializer, config: Config) {
      return new initializerClass(config)
    }

    /** The initializer that a user holds: each layer that it is passed to, and each of its calls, has one of its own. */
    static createTemplate(options: Config) {
      const template = new SeededInitializer(options)
      configUses.set(template.config, { count: 0, mark: '#' })
      template.apply = (shape, dtype) => new SeededInitializer(template.config).apply(shape, dtype)
      return template
    }

    /** A config may come from JSON or another program: null means absent, and unknown fields are ignored. */
    constructor(config: Config = {}) {
      const known: Config = { ...fields }
      for (const field of Object.keys(fields)) known[field] = config[field] ?? known[field]
      if (known.distribution === 'truncatedNormal') {
        known.scale = checkNumber('scale', known.scale, 0) / TRUNCATED_STD ** 2
        known.distribution = 'normal'
      }
      this.strategy = createStrategy(known as never)
      const use = configUses.get(config) ?? { count: 0, mark: '~' }
      configUses.set(config, use)
      const name = appendIndex(checkName(config.name ?? className), use.mark, use.count++)
      const seed = checkNumber('seed', config.seed ?? Math.floor(Math.random() * 2 ** 31))
      this.config = { ...known, seed, ...(name !== className && { name }) }
      configUses.set(this.config, { count: 1, mark: '~' })
    }

    apply(shape: number[], dtype?: string): object {
      if (dtype && dtype !== 'float32') throwRangeError('dtype', "'float32'", dtype)
      const { seed, name = className } = this.config
      const values = allocateData('f32', checkShape('shape', shape), false) as Float32Array
      engine.fillSync(values, this.strategy, {
        seed: String(seed),
        name: appendIndex(name as string, '/', this.calls++),
        shape,
      })
      return tf.tensor(values, shape, 'float32')
    }

    getClassName(): string {
      return className
    }

    /** A copy, which TensorFlow.js may change. */
    getConfig(): Config {
      const { customObjects: _, ...config } = this.config
      return config
    }

    fromConfigUsesCustomObjects(): boolean {
      return false
    }
  }
}
