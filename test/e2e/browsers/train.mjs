/**
 * A network of TensorFlow.js with simdinit's initializers: its first weights, the first weights of its copy from JSON,
 * and its losses in training. It runs in Node and in a page, whose results must agree.
 */

/** @returns {Promise<{ first: number[][], again: number[][], losses: number[] }>} */
export async function train(tf, registerInitializers) {
  await tf.setBackend('cpu')
  const init = await registerInitializers(tf)
  const shared = init.glorotUniform({ seed: 0, name: 'fc' })
  const { conv2d, maxPooling2d, flatten, dense } = tf.layers
  const model = tf.sequential({
    layers: [
      conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        activation: 'relu',
        kernelInitializer: init.heTruncatedNormal({ seed: 42, name: 'conv' }),
      }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 16, activation: 'relu', kernelInitializer: init.orthogonal({ seed: 42 }) }),
      dense({ units: 16, activation: 'relu', kernelInitializer: shared }),
      dense({ units: 1, kernelInitializer: shared, biasInitializer: init.constant({ value: 0 }) }),
    ],
  })
  const weightsOf = (model) => model.getWeights().map((weight) => [...weight.dataSync()])
  const first = weightsOf(model)
  const again = weightsOf(await tf.models.modelFromJSON(JSON.parse(model.toJSON(null, true))))

  // images of one bright column; the target is its position
  const place = (picture) => picture % 8
  const pictures = Array.from({ length: 64 * 64 }, (_, i) => (i % 8 === place(Math.floor(i / 64)) ? 1 : 0))
  const xs = tf.tensor4d(pictures, [64, 8, 8, 1])
  const ys = tf.tensor2d(
    Array.from({ length: 64 }, (_, i) => place(i) / 8),
    [64, 1],
  )
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const { history } = await model.fit(xs, ys, { epochs: 10, shuffle: false, verbose: 0 })
  return { first, again, losses: history.loss }
}
