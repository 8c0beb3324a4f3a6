/** The plan, and what is made of it. */

import { Code } from '../controls.tsx'
import { Making } from './made.tsx'
import { filter, first, own, plan, planning, recipe, rows, state } from './making.ts'
import { List, Trouble } from './parts.tsx'
import type { Summary } from './planner.ts'
import { t } from './texts.ts'
import { brief, count, size } from './words.ts'

export function Planned() {
  const found = plan.value
  return (
    <section class="stack" aria-label={t().plan} aria-busy={planning.value}>
      {!found && <p class="waiting">{t().planning}</p>}
      {found && 'problem' in found && <Trouble problem={found.problem} />}
      {found && 'value' in found && (
        <>
          <Facts summary={found.value} />
          <Making summary={found.value} />
          <Tensors />
          <Code label={t().command} code={commandOf(found.value)} />
        </>
      )}
    </section>
  )
}

function Facts({ summary }: { summary: Summary }) {
  const { architecture, assumed, layers, tensors, parameters, dtype, bytes, files } = summary
  const facts = [
    [t().architecture, architecture, assumed ? t().assumed : ''],
    [t().layers, count(layers), ''],
    [t().tensors, count(tensors), ''],
    [t().parameters, count(parameters), dtype],
    [t().fileBytes, size(bytes), files.length === 1 ? t().oneFile : t().files(count(files.length))],
  ]
  return (
    <dl class="facts" data-bytes={bytes} data-tensors={tensors}>
      {facts.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} {note && <span class="hint">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Tensors() {
  const { total } = rows.value
  const head = (
    <>
      <th scope="col">{t().tensor}</th>
      <th scope="col">{t().shape}</th>
      <th scope="col">{t().dtypeHead}</th>
      <th scope="col">{t().strategy}</th>
      <th scope="col" class="number">
        {t().std}
      </th>
      <th scope="col" class="number">
        {t().bytes}
      </th>
    </>
  )
  return (
    <List title={t().table} head={head} total={total} filter={filter} first={first}>
      {rows.value.rows.map(({ name, shape, dtype, strategy, std, bytes }) => (
        <tr key={name}>
          <th scope="row">
            <code>{name}</code>
          </th>
          <td>{shape}</td>
          <td>{dtype}</td>
          <td>
            <code>{strategy}</code>
          </td>
          <td class="number">{brief(std)}</td>
          <td class="number">{count(bytes)}</td>
        </tr>
      ))}
    </List>
  )
}

/** What `simdinit init` is to be told for these bytes. */
function commandOf({ files }: Summary): string {
  const flags = [
    state.dtype.value === 'config' ? [] : ['--dtype', state.dtype.value],
    recipe.value === 'hf' ? [] : ['--recipe', recipe.value],
    state.seed.value.trim() === '0' ? [] : ['--seed', quoted(state.seed.value.trim())],
    ...state.changes.value
      .split(/\s+/)
      .filter(Boolean)
      .map((change) => ['--set', quoted(change)]),
    state.shard.value.trim() === '5GB' ? [] : ['--max-shard-size', quoted(state.shard.value.trim())],
  ].flat()
  const source = own.value ? quoted(own.value.name) : state.preset.value
  const out = own.value ? 'model' : `${state.preset.value}-init`
  const sums = files.length > 1 ? 'model-*.safetensors' : 'model.safetensors'
  const told = own.value ? ['--out', out] : []
  return `${['npx simdinit init', source, ...flags, ...told].join(' ')}\nsha256sum ${out}/${sums}`
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w.,:=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
