/** What every part has: a heading with what it is about, and forms, which are answered as they are filled in. */

import type { ComponentChildren } from 'preact'

export function Intro({ title, lead }: { title: string; lead: string }) {
  return (
    <div class="intro">
      <h2>{title}</h2>
      <p class="lead">{lead}</p>
    </div>
  )
}

export function Form(props: { label: string; class?: string; children: ComponentChildren }) {
  return (
    <form class={props.class} aria-label={props.label} onSubmit={preventSubmit}>
      {props.children}
    </form>
  )
}

/** The state is in the address already: there is nothing to send. */
function preventSubmit(event: Event): void {
  event.preventDefault()
}
