/**
 * Counts the instructions of every innermost vector loop of the compiled kernels, from build/kernel.wat. A test
 * compares the counts with test/fixtures/kernel-loops.json, so that a compiler that makes a loop worse is noticed
 * before any timing shows it. After an intended change (run `npm run bench` before and after it), update the fixture:
 *
 *   node scripts/checks/count-instructions.mjs > test/fixtures/kernel-loops.json
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** For each innermost vector loop: its function, and the number of instructions of each kind in one iteration. */
export function countLoops(wat) {
  const loops = []
  let current = ''
  let open // the innermost loop that is open: its indentation and its counts
  for (const line of wat.split('\n')) {
    const indent = line.search(/\S/)
    const text = line.trim()
    const name = /^\(func \$(\S+)/.exec(text)?.[1]
    if (name) current = name.replace(/assembly\/(\w+\/(?=\w+[<>,"]))?|"/g, '')
    if (text.startsWith('loop '))
      open = { indent, counts: { vector: 0, load: 0, store: 0, constant: 0, scalar: 0, call: 0 } }
    else if (open && text.startsWith('end') && indent === open.indent) {
      if (open.counts.vector > 1) loops.push({ function: current, ...open.counts })
      open = undefined
    } else if (open) count(text, open.counts)
  }
  return loops
}

function count(text, counts) {
  const [op] = text.split(' ')
  if (/^(local\.|block|end|br|if|else|drop|\()/.test(op)) return
  if (op === 'v128.const') counts.constant++
  else if (/\.load/.test(op)) counts.load++
  else if (/\.store/.test(op)) counts.store++
  else if (op.startsWith('call')) counts.call++
  else if (/^(v128|[if]\d+x\d+)\./.test(op)) counts.vector++
  else counts.scalar++
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = countLoops(readFileSync('build/kernel.wat', 'utf8')).map(
    (loop) => `  ${JSON.stringify(loop)}`,
  )
  process.stdout.write(`[\n${lines.join(',\n')}\n]\n`)
}
