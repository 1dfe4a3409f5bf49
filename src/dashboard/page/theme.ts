/** The style sheet's colours, for what is painted. */
import { make } from './dom.ts'

/** So many peers have a colour of their own; of more they could not be told apart. */
export const MAX_COLOURED = 8

export const darkness = matchMedia('(prefers-color-scheme: dark)')

const probe = document.body.appendChild(make('span', { hidden: '' }))

/** A colour of the style sheet as it is now, in a form that a canvas takes. */
export function colourOf(name: string): string {
  probe.style.color = `var(${name})`
  return getComputedStyle(probe).color
}

/** The variable with the colour of a peer of so many. */
export function peerColour(peer: number, peers: number): string {
  return peers <= MAX_COLOURED ? `--peer-${peer}` : '--accent'
}

/** A dot of that colour. */
export function swatchOf(peer: number, peers: number): HTMLElement {
  const swatch = make('span', { class: 'swatch' })
  swatch.style.background = `var(${peerColour(peer, peers)})`
  return swatch
}

/** Colours from none to all, in as many steps as are told. */
export function ramp(): string[] {
  const [empty, full] = [colourOf('--empty'), colourOf('--accent')]
  return Array.from(
    { length: 16 },
    (_, step) => `color-mix(in srgb, ${full} ${(100 * step) / 15}%, ${empty})`
  )
}
