/**
 * The initialisers of `tf.initializers`, by its names and with its options, drawn here: `register(tf)` once, and then
 * they stand wherever a layer takes one. They save as TensorFlow.js's own classes, with its config.
 *
 * TensorFlow.js makes an initialiser from a class name and a config whenever it loads a model, and for every layer
 * that is given those. So what a user holds are those: each layer has an initialiser of its own, whose name is in its
 * config, and a model that is made again from its JSON draws again what it drew.
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

/** What is needed of `@tensorflow/tfjs`. */
export interface TensorFlow {
  tensor(values: Float32Array, shape: number[], dtype: 'float32'): object
  initializers: Record<'zeros' | 'ones' | 'constant' | 'identity', (options: never) => object>
  serialization: { registerClass(kind: never): unknown }
}

/** The type `Initializer` of a TensorFlow.js. */
export type InitializerFor<T extends TensorFlow> = ReturnType<T['initializers']['zeros']>

/** Options of all that draw. */
export interface SeedOptions {
  /** Any number, 0 among them. Without one it is drawn, and kept in the config. */
  seed?: number
  /** The name of the tensor. Default: the class name that TensorFlow.js saves. */
  name?: string
}

export interface VarianceScalingOptions extends SeedOptions {
  scale?: number
  mode?: 'fanIn' | 'fanOut' | 'fanAvg'
  /** 'normal' is TensorFlow.js's, cut at two standard deviations; 'truncatedNormal' is that with the variance kept. */
  distribution?: 'normal' | 'truncatedNormal' | 'uniform'
}

/** `tf.initializers`, and a few that it lacks. */
export interface Initializers<Initializer> {
  zeros(): Initializer
  ones(): Initializer
  constant(options: { value: number }): Initializer
  identity(options?: { gain?: number }): Initializer
  randomUniform(options?: { minval?: number; maxval?: number } & SeedOptions): Initializer
  randomNormal(options?: { mean?: number; stddev?: number } & SeedOptions): Initializer
  truncatedNormal(options?: { mean?: number; stddev?: number } & SeedOptions): Initializer
  orthogonal(options?: { gain?: number } & SeedOptions): Initializer
  varianceScaling(options?: VarianceScalingOptions): Initializer
  glorotNormal(options?: SeedOptions): Initializer
  glorotTruncatedNormal(options?: SeedOptions): Initializer
  glorotUniform(options?: SeedOptions): Initializer
  heNormal(options?: SeedOptions): Initializer
  heTruncatedNormal(options?: SeedOptions): Initializer
  heUniform(options?: SeedOptions): Initializer
  leCunNormal(options?: SeedOptions): Initializer
  leCunTruncatedNormal(options?: SeedOptions): Initializer
  leCunUniform(options?: SeedOptions): Initializer
}

/** By the class names of TensorFlow.js: the fields of the config with their defaults, and what they ask for. */
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

/** The variance scalings that have a name. */
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

/** The fields of all that draw. */
const SEED_FIELDS = ['seed', 'name']

type Config = Record<string, unknown>

let sharedEngine: Promise<Engine> | undefined

/**
 * The initialisers for `tf`, which is what `@tensorflow/tfjs` exports. They draw at once, on this thread. Models that
 * are loaded from now on draw with them too, where they are initialised. `engine` says by what, if not by one that all
 * calls share; no byte depends on it.
 */
export async function registerInitializers<T extends TensorFlow>(
  tf: T,
  options: { engine?: Engine } = {},
): Promise<Initializers<InitializerFor<T>>> {
  if (typeof tf?.tensor !== 'function' || !tf.initializers?.zeros || !tf.serialization?.registerClass) {
    throwTypeError('tf', 'what @tensorflow/tfjs exports, layers included', tf)
  }
  const { engine } = checkObject('options', options, ['engine']) as { engine?: Engine }
  if (engine !== undefined && typeof engine?.fillSync !== 'function')
    throwTypeError('engine', 'an engine', engine)
  const own = engine ?? (await (sharedEngine ??= createEngine({ threads: 1, memory: 2 ** 20 }))) // it lends none

  const { zeros, ones, constant, identity } = tf.initializers
  const factories: Record<string, (options: never) => object> = { zeros, ones, constant, identity }
  for (const className of Object.keys(INITIALIZER_CLASSES) as ClassName[]) {
    const kind = createInitializerClass(className, tf, own)
    tf.serialization.registerClass(kind as never)
    const maker = (title: string, fields: readonly string[], said: Config = {}) => {
      factories[title] = (options: Config = {}) =>
        kind.given({ ...checkObject(title, options, fields), ...said })
    }
    const title = `${className[0].toLowerCase()}${className.slice(1)}`
    maker(title, [...Object.keys(INITIALIZER_CLASSES[className].fields), ...SEED_FIELDS])
    if (className !== 'VarianceScaling') continue
    for (const [title, said] of Object.entries(NAMED_SCALINGS)) maker(title, SEED_FIELDS, said)
  }
  return factories as unknown as Initializers<InitializerFor<T>>
}

/**
 * How many initialisers a config has been made into, and the mark that tells the further ones apart: '#' where layers
 * were given what a user holds, '~' where TensorFlow.js makes two layers of one config, as for a bidirectional one.
 */
const configUses = new WeakMap<object, { count: number; mark: '#' | '~' }>()

/** The nth name, from 0: the first is the name itself. */
const appendIndex = (name: string, mark: string, n: number) => (n === 0 ? name : `${name}${mark}${n}`)

/** The class of `className` for a TensorFlow.js. It makes one from a config, `new kind(config)`. */
function createInitializerClass(className: ClassName, tf: TensorFlow, engine: Engine) {
  const { fields, createStrategy } = INITIALIZER_CLASSES[className]

  return class Kind {
    static readonly className = className
    readonly className = className
    /** What TensorFlow.js reads where this is given to a layer. */
    readonly config: Config
    private readonly strategy: Strategy
    private calls = 0

    static fromConfig(kind: typeof Kind, config: Config) {
      return new kind(config)
    }

    /** What a user holds: every call of it, and every layer that it is given to, has one of its own. */
    static given(options: Config) {
      const held = new Kind(options)
      configUses.set(held.config, { count: 0, mark: '#' })
      held.apply = (shape, dtype) => new Kind(held.config).apply(shape, dtype)
      return held
    }

    /** A config may come from JSON, and from elsewhere: null is absent, and a field that is not known is let be. */
    constructor(config: Config = {}) {
      const said: Config = { ...fields }
      for (const field of Object.keys(fields)) said[field] = config[field] ?? said[field]
      if (said.distribution === 'truncatedNormal') {
        said.scale = checkNumber('scale', said.scale, 0) / TRUNCATED_STD ** 2
        said.distribution = 'normal'
      }
      this.strategy = createStrategy(said as never)
      const use = configUses.get(config) ?? { count: 0, mark: '~' }
      configUses.set(config, use)
      const name = appendIndex(checkName(config.name ?? className), use.mark, use.count++)
      const seed = checkNumber('seed', config.seed ?? Math.floor(Math.random() * 2 ** 31))
      this.config = { ...said, seed, ...(name !== className && { name }) }
      configUses.set(this.config, { count: 1, mark: '~' })
    }

    apply(shape: number[], dtype?: string): object {
      if (dtype && dtype !== 'float32')
        throwRangeError('dtype', "'float32', which is what is drawn here", dtype)
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

    /** A config of its own, which TensorFlow.js may write to. */
    getConfig(): Config {
      const { customObjects: _, ...config } = this.config
      return config
    }

    fromConfigUsesCustomObjects(): boolean {
      return false
    }
  }
}
