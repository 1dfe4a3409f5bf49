/** The style sheet's colours, for canvases. */
import { html, type TemplateResult } from 'lit-html'

/** How many peers have a colour of their own; more could not be told apart. */
export const MAX_COLOURED = 8

export const darkness = matchMedia('(prefers-color-scheme: dark)')

const probe = document.body.appendChild(document.createElement('span'))
probe.hidden = true

/** A colour of the style sheet as it is now, in a form that a canvas accepts. */
export function colourOf(name: string): string {
  probe.style.color = `var(${name})`
  return getComputedStyle(probe).color
}

/** The variable with the colour of the peer with this index. */
export function peerColour(peer: number, peers: number): string {
  return peers <= MAX_COLOURED ? `--peer-${peer}` : '--accent'
}

/** A dot of that colour. */
export function swatchOf(peer: number, peers: number): TemplateResult {
  return html`<span class="swatch" .style=${`background: var(${peerColour(peer, peers)})`}></span>`
}

/** The colour of a step from none to all: one step per hexadecimal digit. */
export function shadeOf(step: number): string {
  return `color-mix(in srgb, var(--accent) ${(100 * step) / 15}%, var(--empty))`
}
