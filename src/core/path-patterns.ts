/** Selects paths by patterns that follow the rules of `.gitignore` files. Case matters. Pure. */
import ignore from 'ignore'

/** Longer than any path: a longer pattern would match nothing. */
const MAX_PATTERN_LENGTH = 4096

/** Why a text is not a valid pattern, as the end of a sentence; undefined when it is valid. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `longer than ${MAX_PATTERN_LENGTH} characters`
  }
  if (/[\0\r\n]/.test(pattern)) {
    return 'a pattern of several lines'
  }
  if (pattern.startsWith('#')) {
    return 'a comment; write \\# for a name that begins with #'
  }
  return /^!?\s*$/.test(pattern) ? 'an empty pattern' : undefined
}

/**
 * Applies the patterns in their order. A pattern that begins with `!` takes back what earlier ones selected.
 *
 * @param patterns without those that have a `patternProblem`
 * @returns whether a path is selected: a relative path with `/` between its parts, and at the end of a folder's
 */
export function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) {
    return () => false
  }
  const rules = ignore({ ignorecase: false, allowRelativePaths: true })
  rules.add(patterns.map((pattern) => ({ pattern })))
  return (path) => rules.ignores(path)
}
