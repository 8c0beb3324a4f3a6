/** Runs the built command, as a user does. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export const CLI_PATH = resolve('dist/cli/main.js')

/** `cwd` defaults to an empty folder; `prefix` is a program that runs the command, such as a shell. */
export function runSimdinit(
  args: readonly string[],
  options: { cwd?: string; prefix?: readonly string[] } = {},
): Promise<CommandResult> {
  const [command, ...rest] = [...(options.prefix ?? []), process.execPath, CLI_PATH, ...args]
  const child = spawn(command, rest, {
    cwd: options.cwd ?? createTempFolder(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  return new Promise((settle, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => settle({ code, signal, stdout, stderr }))
  })
}

/** Creates a folder that is removed after the test. */
export function createTempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'simdinit-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A GPT-2 of a few thousand parameters, with every kind of tensor. */
export const TINY_CONFIG = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  vocab_size: 101,
  n_positions: 16,
  n_embd: 8,
  n_head: 2,
  n_layer: 2,
}
