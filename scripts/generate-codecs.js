// Writes messages.ts beside every messages.proto. With --check it changes nothing and fails when one is out of date.
// The generator is a third of all packages here, and no user of Potluck needs it: it is installed on first use, at the
// version that scripts/codecs locks.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const check = process.argv.includes('--check')
const sources = readdirSync('src', { recursive: true })
  .map((name) => join('src', name))
  .filter((name) => name.endsWith('.proto'))

// The generator's code has `any` values and passes undefined where exactOptionalPropertyTypes forbids it. Its exported
// types are sound, and the rest is checked against them.
const HEADER = `// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
`

const generator = 'scripts/codecs/node_modules/protons/dist/bin/protons.js'
if (!existsSync(generator)) {
  execFileSync('npm', ['ci', '--ignore-scripts'], {
    cwd: 'scripts/codecs',
    stdio: ['ignore', 'ignore', 'inherit']
  })
}

// A repeated field of numbers in the decoder as protons writes it: the check of the list's limits, and one number read.
const UNPACKED =
  /^( +)(if \(opts\.limits\?\.(\w+) != null && obj\.\3\.length [\s\S]+?)^\1(obj\.\3\.push\((?:reader\.(?!bytes\b|string\b)\w+\(\)|\w+\.codec\(\)\.decode\(reader\))\)\n)/gm

/**
 * protons reads a repeated field of numbers one tag at a time. The standard libraries send such a field packed, as one
 * length and all its numbers; a decoder of proto3 must read both forms. The limits hold for each number that is read,
 * so that a length alone allocates nothing.
 */
const readPackedToo = (code) =>
  code.replace(UNPACKED, (_, indent, checks, name, push) => {
    const deeper = (text) => text.replace(/^(?=.)/gm, '  ')
    return `${indent}const ${name}End = (tag & 7) === 2 ? reader.uint32() + reader.pos : reader.pos + 1

${indent}while (reader.pos < ${name}End) {
${deeper(indent + checks)}${indent}  ${push}${indent}}
${indent}if ((tag & 7) === 2 && reader.pos !== ${name}End) {
${indent}  throw new RangeError('Decode error - packed field "${name}" ended within a number')
${indent}}
`
  })

/**
 * The parts that protons writes once for each message, between two lines of the same indentation, and that nothing here
 * calls.
 */
const UNCALLED = [
  // The decoder that delivers a message field by field, and the function that starts it.
  /^( {6})\}, function \* \(reader, length, prefix, opts = \{\}\) \{\n[\s\S]+?\n(?=\1\}\)$)/gm,
  /^\n( {2})export function stream \([\s\S]+?\n\1\}\n/gm,
  // Limits of lists that a caller sets. Those of the schema hold.
  /(?<=^ {6}\}, \(reader, length), opts = \{\}(?=\) => \{$)/gm,
  /(?<=^ {2}export function decode \(buf: Uint8Array \| Uint8ArrayList), opts\?: DecodeOptions<\w+>/gm,
  /(?<=^ {4}return decodeMessage\(buf, \w+\.codec\(\)), opts(?=\)$)/gm
]

/** The parts of both that it writes for some fields only. */
const UNCALLED_OF_FIELDS = [
  /^( {2})export interface \w+FieldEvent \{\n[\s\S]+?\n\1\}\n\n/gm,
  /^( +)if \(opts\.limits\?\.[\s\S]+?\n\1\}\n\n/gm,
  /(?<=\.codec\(\)\.decode\(reader, reader\.uint32\(\)), \{\n +limits: opts\.limits\?\.\w+\$?\n +\}(?=\))/g
]

/** Their imports, and the names that remain if one of the patterns has missed some. */
const IMPORTS = /, streamMessage(?= \} from)|, DecodeOptions(?= \} from)/g
const LEFT =
  /^.*(?:FieldEvent|function \*|\bstreamMessage\b|\bDecodeOptions\b|\bopts\b(?! = \{\}\) => \{$|\.lengthDelimited )).*$/m

/** Removes the parts that nothing calls. @throws when protons writes anything unexpected */
const onlyCalled = (code) => {
  const messages = [...code.matchAll(/ = message</g)].length
  let called = code
  for (const unwanted of UNCALLED) {
    const found = [...called.matchAll(unwanted)].length
    if (found !== messages) {
      throw new Error(`protons wrote ${messages} messages, and ${found} of ${unwanted}`)
    }
    called = called.replace(unwanted, '')
  }
  for (const unwanted of [...UNCALLED_OF_FIELDS, IMPORTS]) {
    called = called.replace(unwanted, '')
  }
  const [left] = LEFT.exec(called) ?? []
  if (left !== undefined) {
    throw new Error(`protons wrote what scripts/generate-codecs.js does not know: ${left.trim()}`)
  }
  return called
}

const protons = (source, folder) => {
  execFileSync('node', [generator, source, '--output', folder])
  const target = join(folder, basename(source).replace(/\.proto$/, '.ts'))
  writeFileSync(target, HEADER + onlyCalled(readPackedToo(readFileSync(target, 'utf8'))))
  return target
}

const stale = []
for (const source of sources) {
  if (!check) {
    protons(source, dirname(source))
    continue
  }
  const scratch = mkdtempSync(join(tmpdir(), 'potluck-codecs-'))
  try {
    const fresh = readFileSync(protons(source, scratch), 'utf8')
    if (fresh !== readFileSync(source.replace(/\.proto$/, '.ts'), 'utf8')) {
      stale.push(source)
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
if (stale.length > 0) {
  console.error(`Out of date: the codec of ${stale.join(', ')}. Run: npm run generate`)
  process.exit(1)
}
