/** The style sheet's colours, for what is painted. */

/** So many peers have a colour of their own; of more they could not be told apart. */
export const MAX_COLOURED = 8

const darkness = matchMedia('(prefers-color-scheme: dark)')

export interface Colour {
  red: number
  green: number
  blue: number
}

/** A variable of the style sheet, as it is now. */
export function cssValue(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** The same, of a colour that is written as `#rrggbb`. */
export function colourOf(name: string): Colour {
  const value = Number.parseInt(cssValue(name).slice(1), 16)
  return { red: value >> 16, green: (value >> 8) & 255, blue: value & 255 }
}

/** The variable with the colour of a peer of so many. */
export function peerColour(peer: number, peers: number): string {
  return peers <= MAX_COLOURED ? `--peer-${peer}` : '--accent'
}

/** A colour between two, by a share from 0 to 1. */
export function mixed(from: Colour, to: Colour, share: number): string {
  const at = (a: number, b: number): number => Math.round(a + (b - a) * share)
  return `rgb(${at(from.red, to.red)} ${at(from.green, to.green)} ${at(from.blue, to.blue)})`
}

export function onThemeChange(repaint: () => void): void {
  darkness.addEventListener('change', repaint)
}
