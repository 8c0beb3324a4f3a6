/**
 * The initializers of seven frameworks and their equivalents here. strategies-page.mjs generates
 * docs/reference/strategies.md from this table.
 *
 *   [theirs, here]    `here` starts with an expression in backquotes, which a test evaluates; or it is the reason why
 *                     `theirs` does not initialize a single tensor
 */

export const FRAMEWORKS = {
  'PyTorch, torch.nn.init': [
    ['uniform_(a=0, b=1)', '`uniform()`'],
    ['normal_(mean=0, std=1)', '`normal()`'],
    [
      'trunc_normal_(mean=0, std=1, a=-2, b=2)',
      '`truncatedNormal({ low: -2, high: 2 })`: absolute bounds; with std 0.02 they have no effect',
    ],
    ['constant_(val)', '`constant({ value: 3 })`'],
    ['ones_', '`ones()`'],
    ['zeros_', '`zeros()`'],
    ['eye_', '`identity()`'],
    ['dirac_(groups=1)', '`dirac()`'],
    ['xavier_uniform_(gain=1)', '`xavierUniform()`'],
    ['xavier_normal_(gain=1)', '`xavierNormal()`: not truncated'],
    ["kaiming_uniform_(a=0, mode='fan_in')", '`heUniform()`'],
    ["kaiming_normal_(a=0, mode='fan_in')", '`heNormal()`: not truncated'],
    [
      'kaiming_uniform_(a=√5), as Linear and Conv have it',
      "`varianceScaling({ scale: 1 / 3, distribution: 'uniform' })`: U(±1/√fanIn)",
    ],
    ['layers: Embedding with padding_idx', '`zeroRows({ rows: [0], strategy: normal() })`'],
    ['orthogonal_(gain=1)', '`orthogonal({ axis: 0 })`'],
    ['sparse_(sparsity, std=0.01)', '`sparse({ sparsity: 0.1 })`'],
    ['calculate_gain', "`normal({ std: gain('tanh') })`: `gain` gives the number"],
    [
      'layers: ConvTranspose',
      '`heUniform({ inAxis: 0, outAxis: 1 })`: PyTorch swaps inputs and outputs there (pytorch#30079); name the axes',
    ],
    [
      'layers: grouped Conv',
      '`xavierUniform({ fanIn: 27, fanOut: 288 })`: PyTorch does not divide fan_out by the groups; pass the fans',
    ],
    [
      'layers: in_proj of MultiheadAttention',
      '`xavierUniform({ fanIn: 512, fanOut: 512 })`: the fans of one of the three matrices that are stored together',
    ],
  ],
  'Keras 3, keras.initializers': [
    ['Zeros', '`zeros()`'],
    ['Ones', '`ones()`'],
    ['Constant(value=0)', '`constant({ value: 0 })`'],
    ['Identity(gain=1)', '`identity()`: a model that Keras saves forgets the gain'],
    ['RandomNormal(mean=0, stddev=0.05)', '`normal({ std: 0.05 })`'],
    [
      'TruncatedNormal(mean=0, stddev=0.05)',
      '`truncatedNormal({ std: 0.05, sigmas: 2 })`: the effective standard deviation is 0.044',
    ],
    ['RandomUniform(minval=-0.05, maxval=0.05)', '`uniform({ low: -0.05, high: 0.05 })`'],
    [
      "VarianceScaling(scale=1, mode='fan_in', distribution='truncated_normal')",
      "`varianceScaling({ layout: 'io', vectorFans: 'size' })`",
    ],
    [
      'VarianceScaling(input_axes, output_axes)',
      '`varianceScaling({ inAxis: [0], outAxis: [1], batchAxis: [] })`: name the other axes in `batchAxis`, because Keras then counts no receptive field',
    ],
    ['GlorotUniform', "`xavierUniform({ layout: 'io', vectorFans: 'size' })`"],
    ['GlorotNormal', "`xavierTruncatedNormal({ layout: 'io', vectorFans: 'size' })`"],
    ['HeUniform', "`heUniform({ layout: 'io', vectorFans: 'size' })`"],
    ['HeNormal', "`heTruncatedNormal({ layout: 'io', vectorFans: 'size' })`"],
    ['LecunUniform', "`lecunUniform({ layout: 'io', vectorFans: 'size' })`"],
    ['LecunNormal', "`lecunTruncatedNormal({ layout: 'io', vectorFans: 'size' })`"],
    ['Orthogonal(gain=1)', '`orthogonal({ axis: -1 })`'],
    [
      "STFT(side='real', window='hann', scaling='density', periodic=False)",
      '`stft()`: windows hann, hamming and none, which is None there',
    ],
    ['layers: LSTM with unit_forget_bias', '`forgetGateBias()`'],
  ],
  'TensorFlow.js, tf.initializers': [
    ['zeros', '`zeros()`'],
    ['ones', '`ones()`'],
    ['constant({value})', '`constant({ value: 3 })`'],
    [
      'randomUniform({minval: -0.05, maxval: 0.05})',
      '`uniform({ low: -0.05, high: 0.05 })`: TensorFlow.js replaces a 0 by the default',
    ],
    ['randomNormal({mean: 0, stddev: 0.05})', '`normal({ std: 0.05 })`'],
    ['truncatedNormal({mean: 0, stddev: 0.05})', '`truncatedNormal({ std: 0.05, sigmas: 2 })`'],
    ['identity({gain: 1})', '`identity()`: TensorFlow.js allows square matrices only'],
    [
      "varianceScaling({scale: 1, mode: 'fanIn', distribution: 'normal'})",
      '`tfjs.varianceScaling()`: truncated and not widened, which leaves 0.88 of the standard deviation (tfjs#8594)',
    ],
    ['glorotUniform', "`xavierUniform({ layout: 'io', vectorFans: 'root' })`"],
    ['glorotNormal', '`tfjs.glorotNormal()`: likewise 0.88'],
    ['heUniform', "`heUniform({ layout: 'io', vectorFans: 'root' })`"],
    ['heNormal', '`tfjs.heNormal()`: likewise 0.88'],
    ['leCunUniform', "`lecunUniform({ layout: 'io', vectorFans: 'root' })`"],
    ['leCunNormal', '`tfjs.leCunNormal()`: likewise 0.88'],
    ['orthogonal({gain: 1})', '`orthogonal({ axis: -1 })`: TensorFlow.js takes seconds for 256 x 256'],
  ],
  'JAX and Flax, jax.nn.initializers': [
    ['zeros', '`zeros()`'],
    ['ones', '`ones()`'],
    ['constant(value)', '`constant({ value: 3 })`'],
    ['uniform(scale=0.01)', '`uniform({ low: 0, high: 0.01 })`: not symmetric'],
    ['normal(stddev=0.01)', '`normal({ std: 0.01 })`'],
    ['truncated_normal(stddev=0.01, lower=-2, upper=2)', '`truncatedNormal({ std: 0.01, sigmas: 2 })`'],
    [
      'variance_scaling(scale, mode, distribution, in_axis, out_axis, batch_axis)',
      "`varianceScaling({ scale: 1, mode: 'fanGeoAvg', distribution: 'normal', inAxis: -2, outAxis: -1, batchAxis: [] })`",
    ],
    ['glorot_uniform, xavier_uniform', '`xavierUniform({ inAxis: -2, outAxis: -1 })`'],
    ['glorot_normal, xavier_normal', '`xavierTruncatedNormal({ inAxis: -2, outAxis: -1 })`'],
    ['he_uniform, kaiming_uniform', '`heUniform({ inAxis: -2, outAxis: -1 })`'],
    ['he_normal, kaiming_normal', '`heTruncatedNormal({ inAxis: -2, outAxis: -1 })`'],
    ['lecun_uniform', '`lecunUniform({ inAxis: -2, outAxis: -1 })`'],
    ['lecun_normal', '`lecunTruncatedNormal({ inAxis: -2, outAxis: -1 })`'],
    ['orthogonal(scale=1, column_axis=-1)', '`orthogonal({ gain: 1, axis: -1 })`'],
    ['delta_orthogonal(scale=1)', "`deltaOrthogonal({ layout: 'io' })`"],
    [
      'layers: Flax Embed',
      "`varianceScaling({ distribution: 'normal', inAxis: 1, outAxis: 0 })`: N(0, 1/features)",
    ],
  ],
  'timm, timm.layers.weight_init': [
    ['trunc_normal_(mean=0, std=1, a=-2, b=2)', '`truncatedNormal({ low: -2, high: 2 })`: absolute bounds'],
    [
      'trunc_normal_tf_(mean=0, std=1, a=-2, b=2)',
      '`truncatedNormal({ std: 0.02, sigmas: 2 })`: bounds in standard deviations',
    ],
    [
      "variance_scaling_(scale=1, mode='fan_in', distribution='normal')",
      "`varianceScaling({ distribution: 'normal' })`",
    ],
    ['lecun_normal_', '`lecunTruncatedNormal()`'],
    ['init_weight_vit, init_weight_jax', 'recipes for a model, not the initializer of one tensor'],
    ['LayerScale', '`constant({ value: 1e-5 })`'],
  ],
  'MXNet, mx.init': [
    ['Zero', '`zeros()`'],
    ['One', '`ones()`'],
    ['Constant(value)', '`constant({ value: 3 })`'],
    ['Uniform(scale=0.07)', '`uniform({ low: -0.07, high: 0.07 })`'],
    ['Normal(sigma=0.01)', '`normal({ std: 0.01 })`'],
    [
      "Orthogonal(scale=1.414, rand_type='uniform')",
      '`orthogonal({ gain: 1.414, axis: 0 })`: MXNet takes an SVD of uniform numbers, which is not uniform over the orthogonal matrices',
    ],
    ["Xavier(rnd_type='uniform', factor_type='avg', magnitude=3)", '`xavierUniform()`'],
    ["Xavier(rnd_type='gaussian', factor_type='in', magnitude=2)", '`heNormal()`'],
    [
      "MSRAPrelu(factor_type='avg', slope=0.25)",
      "`varianceScaling({ scale: 2 / (1 + 0.25 * 0.25), mode: 'fanAvg', distribution: 'normal' })`",
    ],
    ['Bilinear', '`bilinear()`'],
    ['LSTMBias(forget_bias=1)', '`forgetGateBias()`'],
    [
      'FusedRNN',
      'fills the packed weights of several layers with several initializers: a list of tensors here',
    ],
    ['Mixed(patterns, initializers)', 'a recipe: name patterns, the first match wins'],
    ['Load', 'copies a checkpoint'],
  ],
  'DL4J, WeightInit': [
    ['DISTRIBUTION', '`normal({ std: 0.02 })` or any other strategy'],
    ['ZERO', '`zeros()`'],
    ['ONES', '`ones()`'],
    ['SIGMOID_UNIFORM', '`xavierUniform({ gain: 4 })`'],
    ['NORMAL, LECUN_NORMAL', '`lecunNormal()`'],
    ['LECUN_UNIFORM', '`lecunUniform()`'],
    ['UNIFORM', "`varianceScaling({ scale: 1 / 3, distribution: 'uniform' })`: U(±1/√fanIn)"],
    ['XAVIER', '`xavierNormal()`'],
    ['XAVIER_UNIFORM', '`xavierUniform()`'],
    ['XAVIER_FAN_IN', "`xavierNormal({ mode: 'fanIn' })`"],
    [
      'XAVIER_LEGACY',
      "`varianceScaling({ scale: 0.5, mode: 'fanAvg', distribution: 'normal' })`: N(0, 1/(fanIn + fanOut))",
    ],
    ['RELU', '`heNormal()`'],
    ['RELU_UNIFORM', '`heUniform()`'],
    ['IDENTITY', '`identity()`'],
    [
      'VAR_SCALING_NORMAL_FAN_IN, _OUT, _AVG',
      "`varianceScaling({ mode: 'fanAvg', distribution: 'normal' })`",
    ],
    [
      'VAR_SCALING_UNIFORM_FAN_IN, _OUT, _AVG',
      "`varianceScaling({ mode: 'fanAvg', distribution: 'uniform' })`",
    ],
  ],
}
