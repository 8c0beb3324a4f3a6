/** Posts the results of train.mjs in a page to the server. */

import * as tf from '@tensorflow/tfjs'
import { createEngine } from 'simdinit'
import { registerInitializers } from 'simdinit/tfjs'
import { train } from '../train.mjs'

const id = new URLSearchParams(location.search).get('id')
const tell = (found) => fetch(`/results?id=${id}`, { method: 'POST', body: JSON.stringify(found) })

try {
  const { backend } = (await createEngine({ threads: 1 })).info
  await tell({ ...(await train(tf, registerInitializers)), backend })
} catch (error) {
  await tell({ error: `${error}\n${error.stack}` })
}
