/** The commands and their help. */

import { Command } from 'commander'
import { VERSION } from '../node/version.generated.ts'
import { addInitCommand } from './init-command.ts'
import { addInspectCommand } from './inspect-command.ts'
import { addListCommands } from './list-commands.ts'
import { escapeLines } from './output.ts'
import { addVerifyCommand } from './verify-command.ts'

const HELP = `
Examples:
  simdinit init gpt2                      write GPT-2 124M to ./gpt2-init
  simdinit init gpt2-xl --dry-run         print every tensor with its shape, strategy and std
  simdinit init path/to/config.json --dtype bf16 --seed 42
  simdinit verify gpt2-init               check every byte against the manifest
  simdinit inspect model.safetensors      statistics of every tensor, and likely problems

Exit status: 0 for success, 1 for failure or differences, 2 for bad usage or input.`

/** Creates the program. `signal` aborts the command that runs. */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('simdinit')
    .description(
      'Write initial weights of models as safetensors checkpoints. The bytes of a tensor depend only on seed, ' +
        'name, strategy, shape and dtype.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(escapeLines(text)),
      writeErr: (text) => process.stderr.write(escapeLines(text)),
    })
    .showHelpAfterError('(simdinit --help, simdinit <command> --help)')
    .addHelpText('after', HELP)
  for (const addCommand of [addInitCommand, addVerifyCommand, addInspectCommand, addListCommands]) {
    addCommand(program, signal)
  }
  return program
}
