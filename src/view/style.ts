/** Colours, if the terminal has them and no one has turned them off (`NO_COLOR`). */
import { styleText } from 'node:util'

export interface Style {
  /** Less important. */
  dim(text: string): string
  /** Done, or in order. */
  good(text: string): string
  /** Needs attention. */
  warn(text: string): string
  strong(text: string): string
  /** A bar of this many columns, filled to a share of them. */
  bar(share: number, width: number): string
}

export const PLAIN: Style = {
  ...{ dim: String, good: String, warn: String, strong: String },
  bar: (share, width) => '#'.repeat(filled(share, width)).padEnd(width, '-')
}

export const COLOURED: Style = {
  dim: (text) => styleText('dim', text),
  good: (text) => styleText('green', text),
  warn: (text) => styleText('yellow', text),
  strong: (text) => styleText('bold', text),
  bar: (share, width) => {
    const columns = filled(share, width)
    const colour = share >= 1 ? 'green' : 'cyan'
    return styleText(colour, '━'.repeat(columns)) + styleText('dim', '─'.repeat(width - columns))
  }
}

/** Rounded down: only complete counts as full. */
function filled(share: number, width: number): number {
  return Math.floor(Math.min(1, Math.max(0, share)) * width)
}
