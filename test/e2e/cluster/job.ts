/** Checks a manifest against the schema of a Job in the Kubernetes API. */

import fixture from '../../fixtures/kubernetes-job.json' with { type: 'json' }

type Type = { readonly required: readonly string[]; readonly fields: Readonly<Record<string, string>> }
const TYPES: Readonly<Record<string, Type>> = fixture.types

/** The violations of a type of the client by a value, each as "path: problem". */
export function check(value: unknown, type = 'V1Job', path = 'job'): string[] {
  if (['string', 'number', 'boolean'].includes(type)) {
    return type === typeof value ? [] : [`${path}: not a ${type}`]
  }
  const [, item] = /^Array<(.+)>$/.exec(type) ?? []
  if (item) {
    if (!Array.isArray(value)) return [`${path}: not a list`]
    return value.flatMap((one, i) => check(one, item, `${path}[${i}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: not a ${type}`]
  if (type === '{ [key: string]: string; }') {
    return Object.entries(value).flatMap(([key, one]) => check(one, 'string', `${path}.${key}`))
  }
  if (!(type in TYPES)) return [`${path}: of type ${type}, which is not listed`]
  const { required, fields } = TYPES[type]
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path}: lacks ${name}`),
    ...Object.entries(value).flatMap(([name, one]) =>
      name in fields ? check(one, fields[name], `${path}.${name}`) : [`${path}: has no field ${name}`],
    ),
  ]
}
