/**
 * The building blocks of the views. All text is inserted as text: the names of others' files are never read as markup.
 */
import { html, type TemplateResult } from 'lit-html'
import type { PageState } from './state.ts'

/** A part of the page. */
export interface View {
  /** Its markup; only changed nodes are touched. */
  html(state: PageState): TemplateResult
  /** Paints its canvas or other content without markup, once its place exists. */
  paint?(state: PageState): void
}

/** The element of the page with this id. If it is missing, the page is broken. */
export function found<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) {
    throw new Error(`the page has no ${id}`)
  }
  return element
}

const choices = new Map<string, string>()

addEventListener('input', ({ target }) => {
  if (target instanceof HTMLSelectElement || target instanceof HTMLInputElement) {
    choices.set(target.id, target.value)
  }
})

/** The chosen or typed value of the element with this id; undefined before there is one. */
export function chosen(id: string): string | undefined {
  return choices.get(id)
}

/** A card with its heading and its choices. */
export function card(
  name: string,
  title: string,
  choice: TemplateResult,
  ...content: unknown[]
): TemplateResult {
  return html`<section class="card ${name}" aria-labelledby="${name}-title">
    <div class="head"><h2 id="${name}-title">${title}</h2>${choice}</div>
    ${content}
  </section>`
}

/** A choice by its label; it offers options, or texts by their values. */
export function select(
  id: string,
  label: string,
  offered: TemplateResult | Record<string, string>
): TemplateResult {
  const options =
    'strings' in offered
      ? offered
      : Object.entries(offered).map(([value, text]) => html`<option value=${value}>${text}</option>`)
  return html`<label>${label} <select id=${id}>${options}</select></label>`
}

/** Scrolls within its place, also with the keyboard. */
export function scrolled(label: string, content: TemplateResult): TemplateResult {
  return html`<section class="scroll" aria-label=${label} tabindex="0">${content}</section>`
}
