/**
 * Lists the fields of a Kubernetes Job, as the official client has them from the API's own description, into
 * test/fixtures/kubernetes-job.json. Types that the example does not use are left out: a field of one is refused.
 *
 *   cd $(mktemp -d) && npm pack @kubernetes/client-node && tar xzf *.tgz
 *   node scripts/list-kubernetes-fields.mjs <that folder>/package      from the project's root
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TYPES = [
  'V1Job',
  'V1ObjectMeta',
  'V1JobSpec',
  'V1PodTemplateSpec',
  'V1PodSpec',
  'V1Container',
  'V1ResourceRequirements',
  'V1VolumeMount',
  'V1Volume',
  'V1PersistentVolumeClaimVolumeSource',
]

const client = process.argv[2]
const text = (name) => readFileSync(join(client, 'dist/gen/models', `${name}.d.ts`), 'utf8')
const { version } = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'))
const [, api] = /OpenAPI spec version: (\S+)/.exec(text('V1Job'))

const types = TYPES.map((name) => {
  const flat = text(name).replace(/\{\s+(\[key: string\]: \w+;)\s+\}/g, '{ $1 }')
  const fields = [...flat.matchAll(/^ {4}'(\w+)'(\??): (.+);$/gm)]
  const required = fields.filter(([, , optional]) => !optional).map(([, field]) => field)
  const all = Object.fromEntries(fields.map(([, field, , type]) => [field, type]))
  return `  ${JSON.stringify(name)}: ${JSON.stringify({ required, fields: all })}`
})
writeFileSync(
  'test/fixtures/kubernetes-job.json',
  `{"made by": "scripts/list-kubernetes-fields.mjs", "client": "@kubernetes/client-node ${version}", "api": "${api}",\n` +
    `"types": {\n${types.join(',\n')}\n}}\n`,
)
