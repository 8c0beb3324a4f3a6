/** A strategy: what is asked on one side; on the other its values, their law, and the code that gives them. */

import { computed, effect, signal } from '@preact/signals'
import { Code } from '../controls.tsx'
import { Intro } from '../page.tsx'
import { lookAgain, theEngine } from '../engine.ts'
import { latest } from '../latest.ts'
import { asked, type Asked } from './ask.ts'
import { kerasCode } from './code/keras.ts'
import { simdinitCode } from './code/simdinit.ts'
import { torchCode } from './code/torch.ts'
import { draw, isWhole, MOST, type Drawn } from './draw.ts'
import { StrategyForm, TensorForm } from './form.tsx'
import { FirstValues, Moments } from './moments.tsx'
import { Picture } from './picture.tsx'
import { t } from './texts.ts'
import { count } from './words.ts'

/** The last that could be drawn, and what is wrong with what is asked now. */
const drawn = signal<Drawn | undefined>(undefined)
const problem = signal<string | undefined>(undefined)
const busy = signal(true)

const redraw = latest<Asked>(async (wanted, abort) => {
  try {
    drawn.value = await draw(await theEngine(), wanted, abort)
    problem.value = undefined
    void lookAgain()
  } catch (error) {
    if (abort.aborted) return
    problem.value = sentence(error)
  }
  busy.value = abort.aborted
})

effect(() => {
  try {
    const wanted = asked()
    if (wanted.size === 0) throw new Error(t().tooFew)
    if (isWhole(wanted) && wanted.size > MOST) throw new Error(`"shape" ${t().tooLarge(count(MOST))}`)
    busy.value = true
    redraw(wanted)
  } catch (error) {
    problem.value = sentence(error)
    busy.value = false
  }
})

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const code = computed(() => {
  const wanted = drawn.value?.asked
  return wanted && { simdinit: simdinitCode(wanted), torch: torchCode(wanted), keras: kerasCode(wanted) }
})

export default function Strategy() {
  const shown = drawn.value
  const stale = problem.value ? ' stale' : ''
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="bench">
        <StrategyForm problem={problem.value} />
        <div class={`shown${stale}`} aria-busy={busy.value}>
          {problem.value && <p class="hint">{shown ? t().before : t().nothing}</p>}
          {shown && <Picture drawn={shown} />}
        </div>
        <TensorForm problem={problem.value} />
        <div class={`rest stack${stale}`}>
          {shown && (
            <div class="columns uneven">
              <Moments drawn={shown} />
              <FirstValues drawn={shown} />
            </div>
          )}
          {code.value && (
            <section class="stack tight">
              <div>
                <h3>{t().code}</h3>
                <p class="hint">{t().codeNote}</p>
              </div>
              <Code label="simdinit" code={code.value.simdinit} />
              <Code label="PyTorch" code={code.value.torch} />
              <Code label="Keras" code={code.value.keras} />
            </section>
          )}
        </div>
      </div>
    </>
  )
}
