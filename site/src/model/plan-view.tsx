/** The plan: its facts, the generation, the tensors and the command. */

import { CodeBlock } from '../controls.tsx'
import { GeneratePanel } from './generate-panel.tsx'
import {
  filter,
  firstRow,
  uploadedConfig,
  plan,
  isPlanning,
  recipe,
  rowPage,
  state,
} from './generate-state.ts'
import { PagedTable, ProblemMessage } from './components.tsx'
import type { PlanSummary } from './plan-service.ts'
import { t } from './texts.ts'
import { formatNumber, formatCount, formatBytes } from './format-numbers.ts'

export function PlanView() {
  const found = plan.value
  return (
    <section class="stack" aria-label={t().plan} aria-busy={isPlanning.value}>
      {!found && <p class="waiting">{t().planning}</p>}
      {found && 'problem' in found && <ProblemMessage problem={found.problem} />}
      {found && 'value' in found && (
        <>
          <PlanFacts summary={found.value} />
          <GeneratePanel summary={found.value} />
          <PlannedTensorTable />
          <CodeBlock label={t().command} code={formatCommand(found.value)} />
        </>
      )}
    </section>
  )
}

function PlanFacts({ summary }: { summary: PlanSummary }) {
  const { architecture, assumed, layers, tensors, parameters, dtype, bytes, files } = summary
  const facts = [
    [t().architecture, architecture, assumed ? t().assumed : ''],
    [t().layers, formatCount(layers), ''],
    [t().tensors, formatCount(tensors), ''],
    [t().parameters, formatCount(parameters), dtype],
    [
      t().fileBytes,
      formatBytes(bytes),
      files.length === 1 ? t().oneFile : t().files(formatCount(files.length)),
    ],
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

function PlannedTensorTable() {
  const { total } = rowPage.value
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
    <PagedTable title={t().table} head={head} total={total} filter={filter} firstRow={firstRow}>
      {rowPage.value.rows.map(({ name, shape, dtype, strategy, std, bytes }) => (
        <tr key={name}>
          <th scope="row">
            <code>{name}</code>
          </th>
          <td>{shape}</td>
          <td>{dtype}</td>
          <td>
            <code>{strategy}</code>
          </td>
          <td class="number">{formatNumber(std)}</td>
          <td class="number">{formatCount(bytes)}</td>
        </tr>
      ))}
    </PagedTable>
  )
}

/** The command that generates the same bytes. */
function formatCommand({ files }: PlanSummary): string {
  const flags = [
    state.dtype.value === 'config' ? [] : ['--dtype', state.dtype.value],
    recipe.value === 'hf' ? [] : ['--recipe', recipe.value],
    state.seed.value.trim() === '0' ? [] : ['--seed', quoteForShell(state.seed.value.trim())],
    ...state.changes.value
      .split(/\s+/)
      .filter(Boolean)
      .map((change) => ['--set', quoteForShell(change)]),
    state.shard.value.trim() === '5GB' ? [] : ['--max-shard-size', quoteForShell(state.shard.value.trim())],
  ].flat()
  const source = uploadedConfig.value ? quoteForShell(uploadedConfig.value.name) : state.preset.value
  const out = uploadedConfig.value ? 'model' : `${state.preset.value}-init`
  const weightFiles = files.length > 1 ? 'model-*.safetensors' : 'model.safetensors'
  const output = uploadedConfig.value ? ['--out', out] : []
  return `${['npx simdinit init', source, ...flags, ...output].join(' ')}\nsha256sum ${out}/${weightFiles}`
}

/** Quotes a word for a POSIX shell if necessary. */
function quoteForShell(word: string): string {
  return /^[\w.,:=/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
