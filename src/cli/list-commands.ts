/** `simdinit models`, `simdinit recipes` and `simdinit strategies`. */

import type { Command } from 'commander'
import { FAMILIES, listRecipes, PRESETS, RECIPES } from '../models/index.ts'
import { addCommonOptions, type CommonOptions } from './options.ts'
import { printResult } from './output.ts'
import { STRATEGY_TABLE } from './strategy-table.ts'
import { formatTable } from './table.ts'

export function addListCommands(program: Command): void {
  addListCommand(program, 'models', 'List presets and supported model types.', listModels, reportModels)
  addListCommand(program, 'recipes', 'List recipes and their sources.', () => RECIPES, reportRecipes)
  addListCommand(
    program,
    'strategies',
    'List strategies and their formulas.',
    () => STRATEGY_TABLE,
    reportStrategies,
  )
}

function addListCommand(
  program: Command,
  name: string,
  description: string,
  data: () => unknown,
  text: () => string[],
): void {
  const command = program.command(name).description(description)
  addCommonOptions(command).action((flags: CommonOptions) => printResult(flags, data, text))
}

function listModels() {
  const families = FAMILIES.map((family) => {
    const { type, architectures, source } = family
    return { type, architectures, source, recipes: listRecipes(family) }
  })
  return { presets: Object.keys(PRESETS), families }
}

function reportModels(): string[] {
  const presets = formatTable(
    ['preset', 'source'],
    Object.entries(PRESETS).map(([name, { source }]) => [name, source]),
  )
  const families = formatTable(
    ['model_type', 'architectures', 'recipes', 'source'],
    listModels().families.map(({ type, architectures, recipes, source }) => [
      type,
      architectures.join(', '),
      recipes.join(', '),
      source,
    ]),
  )
  return [...presets, '', ...families]
}

function reportRecipes(): string[] {
  return formatTable(
    ['recipe', 'families', 'source'],
    RECIPES.map(({ name, argument, families, source }) => [
      argument === undefined ? name : `${name}:<${argument}>`,
      families === 'all' ? families : families.join(', '),
      source,
    ]),
  )
}

function reportStrategies(): string[] {
  return formatTable(
    ['strategy', 'values'],
    STRATEGY_TABLE.map(({ name, values }) => [name, values]),
  )
}
