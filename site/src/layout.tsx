/** What every part has: a heading with an introduction, and forms that take effect while they are filled in. */

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

/** There is nothing to send: the page follows every change. */
function preventSubmit(event: Event): void {
  event.preventDefault()
}
