/** The commands and their help. */

import { Command } from 'commander'
import { FAMILIES, PRESETS, RECIPES, listTensorInfo, listRecipes } from '../models/index.ts'
import { init, inspect, planSource, detectRank, verify } from '../node/index.ts'
import { findAuxFiles } from '../node/aux-files.ts'
import { readJson } from '../node/model-source.ts'
import { VERSION } from '../node/version.ts'
import type { Dtype } from '../index.ts'
import * as options from './options.ts'
import { estimatePeakMemory } from './peak-memory.ts'
import { printResult } from './output.ts'
import { createProgress } from './progress.ts'
import { reportInit, reportPlan, reportVerify, formatTable } from './text-report.ts'
import { STRATEGY_TABLE } from './strategy-table.ts'
import { writeReport } from './write-report.ts'

interface InitFlags extends options.CommonOptions {
  readonly out?: string
  readonly seed: string
  readonly dtype?: Dtype
  readonly recipe: string
  readonly set?: readonly string[]
  readonly maxShardSize: number | string
  readonly slice?: readonly string[]
  readonly rank?: number
  readonly worldSize?: number
  readonly dryRun: boolean
  readonly resume: boolean
  readonly force: boolean
  readonly cache: boolean
}

interface InspectFlags extends options.CommonOptions {
  readonly html?: string
  readonly recipe?: string
}

/** The options that every command takes. */
function addCommonOptions(command: Command): Command {
  for (const option of [options.threads, options.backend, options.json, options.quiet])
    command.addOption(option)
  return command
}

export function createProgram(signal: AbortSignal): Command {
  const simdinit = new Command('simdinit')
    .description(
      'Makes the initial weights of a model: the bytes depend on seed, names, strategies, shapes and dtype alone.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(simdinit --help, simdinit <command> --help)')
    .addHelpText(
      'after',
      `\nExamples:\n${EXAMPLES}\nExit status: 0 done, 1 failed or differs, 2 bad usage or input.`,
    )

  const command = (text: string, description: string) =>
    simdinit.command(text).description(description).exitOverride()
  addCommonOptions(
    command('init', 'Write a checkpoint: safetensors, config.json and a manifest.')
      .argument(
        '<model>',
        'a preset (simdinit models), a config.json, or a folder with one (a preset wins: ./gpt2)',
      )
      .option('--out <folder>', 'where it goes (default: ./<preset or folder name>-init)')
      .addOption(options.seed)
      .addOption(options.dtype)
      .option('--recipe <recipe>', 'a name (simdinit recipes) or a JSON file', 'hf')
      .option(
        '--set <key=value>',
        'change a field of the config, once or more: num_hidden_layers=2 shrinks a model',
        (setting: string, before: readonly string[] = []) => [...before, setting],
      )
      .addOption(options.maxShardSize)
      .addOption(options.slice)
      .addOption(options.rank)
      .addOption(options.worldSize)
      .option('--dry-run', 'print every tensor and write nothing', false)
      .option('--resume', "continue what is there, and hash all of it first: other ranks' files too", false)
      .option('--force', 'replace another checkpoint: what its manifest or index names', false)
      .option(
        '--no-cache',
        "do not leave what is written in the system's page cache (Linux): often faster to write on a virtual machine, slower to load next",
      ),
  )
    .addHelpText(
      'after',
      '\nA folder that already holds this plan is continued, and left alone if it is complete. Other content is\n' +
        'an error without --force. A file has its final name only when it is whole and on the disk.',
    )
    .action((model: string, flags: InitFlags) => runInit(model, flags, signal))

  addCommonOptions(
    command('verify <folder>', 'Make every byte again from the manifest, and compare.').option(
      '--sample <n>',
      'look at n random blocks of 8192 elements instead',
      (text: string) => options.parseInteger('--sample', text),
    ),
  ).action((folder: string, flags: options.CommonOptions & { sample?: number }) =>
    runVerify(folder, flags, signal),
  )

  addCommonOptions(
    command('inspect <path>', 'Statistics of safetensors files, whoever wrote them, and what looks wrong.')
      .option('--html <file>', 'write a report with plots too')
      .option('--recipe <recipe>', 'what a model is compared with: a name, or a JSON file (default: hf)'),
  )
    .addHelpText(
      'after',
      '\nA file, a folder, or an index. Where a config.json of a known model lies beside it, tensors are compared\n' +
        'with what a recipe makes. What looks wrong does not change the exit status; a bad file does.\n' +
        'From 1 GiB of files on, threads share the tensors (--threads says otherwise); the results are the same.',
    )
    .action((path: string, flags: InspectFlags) => runInspect(path, flags, signal))

  addCommonOptions(command('models', 'List presets and families.')).action((flags) =>
    printResult(
      flags,
      {
        presets: Object.keys(PRESETS),
        families: FAMILIES.map((f) => ({
          type: f.type,
          architectures: f.architectures,
          source: f.source,
          recipes: listRecipes(f),
        })),
      },
      () =>
        [
          formatTable(
            ['preset', 'source'],
            Object.entries(PRESETS).map(([name, { source }]) => [name, source]),
          ),
          '',
          formatTable(
            ['model_type', 'architectures', 'recipes', 'source'],
            FAMILIES.map((f) => [f.type, f.architectures.join(', '), listRecipes(f).join(', '), f.source]),
          ),
        ].join('\n'),
    ),
  )
  addCommonOptions(command('recipes', 'List recipes and where they come from.')).action((flags) =>
    printResult(flags, RECIPES, () =>
      formatTable(
        ['recipe', 'families', 'source'],
        RECIPES.map(({ name, argument, families, source }) => [
          argument === undefined ? name : `${name}:<${argument}>`,
          families === 'all' ? families : families.join(', '),
          source,
        ]),
      ),
    ),
  )
  addCommonOptions(command('strategies', 'List strategies and their formulas.')).action((flags) =>
    printResult(flags, STRATEGY_TABLE, () =>
      formatTable(
        ['strategy', 'values'],
        STRATEGY_TABLE.map((s) => [s.name, s.values]),
      ),
    ),
  )
  return simdinit
}

const EXAMPLES = `  simdinit init gpt2                          GPT-2 124M into ./gpt2-init
  simdinit init path/to/config.json --dtype bf16 --seed 42
  simdinit init gpt2-xl --dry-run             every tensor with its shape, strategy and std
  simdinit verify gpt2-init                   every byte again, from the manifest alone
  simdinit inspect model.safetensors          statistics of every tensor, and what looks wrong
`

async function runInit(model: string, flags: InitFlags, signal: AbortSignal): Promise<void> {
  const recipe = flags.recipe.endsWith('.json') ? (readJson(flags.recipe) as object) : flags.recipe
  const { dtype, set, threads, backend, seed, maxShardSize, slice, resume, force, cache, quiet } = flags
  if (flags.dryRun) {
    const { plan, folder } = planSource(model, { dtype, recipe, set, maxShardSize, slice })
    const { parameters, bytes } = plan
    const files = plan.files.map(({ name, bytes }) => ({ name, bytes }))
    const memory = estimatePeakMemory(plan)
    const { paths, leftOut } = findAuxFiles(folder)
    const auxFiles = { copied: [...paths.keys()], leftOut }
    const tensors = listTensorInfo(plan)
    const result = () => ({ seed, tensors, parameters, bytes, files, ...auxFiles, ...memory })
    return printResult(flags, result, () => reportPlan(plan, { seed, ...memory, ...auxFiles }))
  }
  const { rank, worldSize } = detectRank(process.env, flags)
  const bar = await createProgress('init', flags)
  try {
    const out = flags.out
    const result = await init(model, {
      out,
      seed,
      dtype,
      recipe,
      set,
      maxShardSize,
      slice,
      rank,
      worldSize,
      resume,
      force,
      cache,
      threads,
      backend,
      signal,
      onEstimate: quiet ? undefined : bar.start,
      onProgress: bar.update,
    })
    bar.stop()
    const { plan, ...rest } = result
    const { architecture, parameters, bytes } = plan
    await printResult(
      flags,
      () => ({ ...rest, architecture, dtype: plan.dtype, recipe: plan.recipe, parameters, bytes }),
      () => reportInit(result),
    )
  } finally {
    bar.stop()
  }
}

async function runVerify(
  folder: string,
  flags: options.CommonOptions & { sample?: number },
  signal: AbortSignal,
): Promise<void> {
  const { sample, threads, backend } = flags
  const bar = await createProgress('verify', flags)
  try {
    const result = await verify(folder, { sample, threads, backend, signal, onProgress: bar.update })
    bar.stop()
    if (result.differences.length > 0) process.exitCode = 1
    await printResult(
      flags,
      () => result,
      () => reportVerify(folder, result, sample),
    )
  } finally {
    bar.stop()
  }
}

async function runInspect(path: string, flags: InspectFlags, signal: AbortSignal): Promise<void> {
  const { html, recipe, backend, threads } = flags
  const bar = await createProgress('inspect', flags)
  try {
    const named = recipe?.endsWith('.json') ? (readJson(recipe) as object) : recipe
    const result = await inspect(path, { backend, threads, recipe: named, signal, onProgress: bar.update })
    bar.stop()
    const [{ renderHtmlReport }, { reportInspect }] = await Promise.all([
      import('./html-report.ts'),
      import('./inspect-report.ts'),
    ])
    if (html !== undefined) await writeReport(html, renderHtmlReport(result))
    await printResult(
      flags,
      () => result,
      () => reportInspect(result),
    )
  } finally {
    bar.stop()
  }
}
