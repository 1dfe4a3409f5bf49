/**
 * Names from other machines: which are safe to become a local file, and how to show any of them.
 *
 * The rules are those of the strictest system that a swarm may include, so that every member can store what one member
 * can share: POSIX, macOS and Windows ("Naming Files, Paths, and Namespaces" in Microsoft's Win32 documentation).
 */

/** ext4, APFS and NTFS all allow 255. It counts UTF-8 bytes, the tightest of their units. */
export const MAX_NAME_BYTE_LENGTH = 255

/** Linux allows 4,096 bytes including the collection's own path; half of that leaves room for it. */
export const MAX_PATH_BYTE_LENGTH = 2048

/**
 * Nested folders, and the file. Each costs every member about a hundred bytes, and a path of 2,048 bytes may have
 * 1,024.
 */
export const MAX_PATH_DEPTH = 64

/** A peer's name is also the name of a folder and of a log file: `<name>.jsonl` has to fit. */
export const MAX_PEER_NAME_BYTE_LENGTH = 64

/** The collection's own folder; no member's file may reach into it. */
export const PRIVATE_FOLDER = '.potluck'

const RESERVED_DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)/i
const RESERVED_CHARACTER = /[<>:"|?*\\/]/u
// Control characters, formatting (bidirectional overrides, zero-width), unpaired surrogates, line separators.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
// ZWNJ and ZWJ: Persian and Indic spelling needs them, and they make one emoji of several.
const JOINERS = /[\u200c\u200d]/g
/** Of a name, what is kept when it is shortened. */
const EXTENSION = /\.[^. ]{1,16}$/u
// Invisible characters, except joiners that follow a character that they can join. After a Latin letter, a joiner only
// hides a difference.
const HIDDEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}|(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\u200c\u200d]/gu

const utf8 = new TextEncoder()

/** The length in UTF-8 of one UTF-16 unit. */
const MAX_UNIT_BYTE_LENGTH = 3

/** Why the name cannot be one part of a path on every system, or undefined when it can be. */
export function nameProblem(name: string): string | undefined {
  // HFS+ treats names with and without joiners as the same.
  return isLonger(name, MAX_NAME_BYTE_LENGTH)
    ? `a name longer than ${MAX_NAME_BYTE_LENGTH} bytes`
    : problemWithoutJoiners(name.replace(JOINERS, ''))
}

/** Whether a text has more bytes in UTF-8. Most texts are so short that nothing has to be encoded. */
function isLonger(text: string, byteLength: number): boolean {
  return text.length * MAX_UNIT_BYTE_LENGTH > byteLength && utf8.encode(text).byteLength > byteLength
}

function problemWithoutJoiners(name: string): string | undefined {
  if (name === '') {
    return 'an empty name'
  }
  if (name === '.' || name === '..') {
    return 'a step outside of its folder'
  }
  if (INVISIBLE.test(name)) {
    return 'a control or invisible character'
  }
  if (RESERVED_CHARACTER.test(name)) {
    return 'one of the characters < > : " | ? * \\ /'
  }
  if (name.endsWith('.') || name.endsWith(' ') || name.startsWith(' ')) {
    return 'a leading space, or a dot or space at its end'
  }
  if (RESERVED_DEVICE.test(name)) {
    return 'a part that Windows keeps for devices'
  }
  return undefined
}

/**
 * The name with `_` in the place of what not every system can store; a name that every system can store stays as it is.
 *
 * @returns a name without a `nameProblem`
 */
export function portableName(name: string): string {
  const replaced = [...name]
    .map((character) => (isJoiner(character) || !isUnportable(character) ? character : '_'))
    .join('')
  if (nameProblem(replaced) === undefined) {
    return replaced
  }
  const spelled = replaced.replace(JOINERS, '').replace(RESERVED_DEVICE, '$1_$3')
  const short = shortName(spelled, '').replace(/^ +|[. ]+$/g, (edge) => '_'.repeat(edge.length))
  return short === '' ? '_' : short
}

/** The name with a suffix before its extension, within the longest name that every system can store. */
export function suffixedName(name: string, suffix: string): string {
  return shortName(name, suffix).replace(/^ +/, (edge) => '_'.repeat(edge.length))
}

function shortName(name: string, suffix: string): string {
  const [extension = ''] = EXTENSION.exec(name) ?? []
  const stem = [...name.slice(0, name.length - extension.length)]
  while (isLonger(stem.join('') + suffix + extension, MAX_NAME_BYTE_LENGTH)) {
    stem.pop()
  }
  return stem.join('') + suffix + extension
}

function isUnportable(character: string): boolean {
  return RESERVED_CHARACTER.test(character) || INVISIBLE.test(character)
}

function isJoiner(character: string): boolean {
  return character === '\u200c' || character === '\u200d'
}

/** Why the path is too long or too deep for a collection, or undefined when it is not. */
export function pathLimitProblem(path: string): string | undefined {
  if (isLonger(path, MAX_PATH_BYTE_LENGTH)) {
    return `a path longer than ${MAX_PATH_BYTE_LENGTH} bytes`
  }
  return path.split('/').length > MAX_PATH_DEPTH ? `more than ${MAX_PATH_DEPTH} parts` : undefined
}

/** Why the path cannot be a path inside a collection, or undefined when it can. "/" separates its parts. */
export function pathProblem(path: string): string | undefined {
  const limitProblem = pathLimitProblem(path)
  if (limitProblem !== undefined) {
    return limitProblem
  }
  for (const name of path.split('/')) {
    const problem = nameProblem(name)
    if (problem !== undefined) {
      return problem
    }
  }
  return undefined
}

/** Why the name cannot be a peer's, or undefined when it can be. */
export function peerNameProblem(name: string): string | undefined {
  if (isLonger(name, MAX_PEER_NAME_BYTE_LENGTH)) {
    return `a name longer than ${MAX_PEER_NAME_BYTE_LENGTH} bytes`
  }
  if (foldName(name) === foldName(PRIVATE_FOLDER)) {
    return "the name of the collection's own folder"
  }
  return nameProblem(name)
}

/** The first text that yields a name for a peer, without the characters that a name cannot have. */
export function peerNameOf(texts: readonly string[]): string {
  for (const text of texts) {
    const kept = [...text].filter(
      (character) => !RESERVED_CHARACTER.test(character) && !INVISIBLE.test(character)
    )
    let name = kept.join('')
    while (isLonger(name, MAX_PEER_NAME_BYTE_LENGTH)) {
      name = [...name].slice(0, -1).join('')
    }
    name = name.replace(/^ +|[. ]+$/g, '')
    if (peerNameProblem(name) === undefined) {
      return name
    }
  }
  return 'peer'
}

/** Equal for names that some file system takes for the same: they differ only in case, Unicode form, or joiners. */
export function foldName(name: string): string {
  return name.replace(JOINERS, '').normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC')
}

/** The text, at most 300 characters, with everything escaped that could move a cursor, or hide or reorder text. */
export function printable(text: string): string {
  return text.slice(0, 300).replace(HIDDEN, escaped) + (text.length > 300 ? '…' : '')
}

/** The text with its line breaks kept, and everything else escaped as in `printable`. */
export function printableLines(text: string): string {
  return text.replace(HIDDEN, (character) => (character === '\n' ? character : escaped(character)))
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/** Identifies an entry of the catalog: two manifests with one key have to be equal. */
export function manifestKey({ origin, path }: { origin: string; path: string }): string {
  return `${origin}/${path}`
}
