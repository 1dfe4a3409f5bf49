/**
 * Configuration files: where they are searched for, how flags override them, and which messages a wrong one causes.
 *
 * The schemas define what is allowed (config/peer.ts, config/coordinator.ts); this module only puts it into words.
 */
import { createReadStream } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { descriptionOf } from '../config/settings.ts'
import { codeOf, messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { PACKAGE_FOLDER } from '../package.ts'
import { nearest } from './nearest.ts'
import { checkRelative, knownWorkingFolder } from './working-folder.ts'

/** A configuration has a few lines; anything larger is some other file. */
const MAX_FILE_BYTE_LENGTH = 1024 * 1024

/** A value from the command line, with its flag. */
export interface FlagValue {
  flag: string
  value: unknown
}

export interface ConfigRequest {
  /** The file of `--config`; undefined to use flags and defaults alone. */
  file: string | undefined
  /** The file to read without `--config`, if it is in the working folder or in its `config/`. */
  defaultFile?: string
  /** Settings for what neither a flag nor a file sets; they override the schema's defaults. */
  defaults?: Readonly<Record<string, unknown>>
  /** Keys that a file may not have together with another option, and the sentence for that. */
  excluded?: Readonly<Record<string, string>>
  /** Keys of the schema that a flag can set; an undefined value was not given. */
  flags: Readonly<Record<string, FlagValue>>
  /** Keys whose values are paths: in a file, they are relative to it. */
  pathKeys: readonly string[]
  workingFolder?: string
  packageFolder?: string
}

/**
 * A role's settings from the command line, each undefined if it was not given.
 *
 * @param keys of options whose names differ from their settings
 */
export function flagsOf(
  program: Command,
  { shape }: { shape: object },
  keys: Readonly<Record<string, string>>
): ConfigRequest['flags'] {
  const flags = program.options.map((option): [key: string, FlagValue] => {
    const name = option.attributeName()
    const isGiven = program.getOptionValueSource(name) === 'cli'
    return [
      keys[name] ?? name,
      { flag: option.long ?? '', value: isGiven ? program.getOptionValue(name) : undefined }
    ]
  })
  return Object.fromEntries(flags.filter(([key]) => Object.hasOwn(shape, key)))
}

/**
 * The settings of a role.
 *
 * @throws PotluckError CONFIGURATION with one sentence for each mistake
 */
export async function loadConfig<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  request: ConfigRequest
): Promise<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  const { flags, pathKeys, defaults = {}, excluded = {} } = request
  const folder = request.workingFolder ?? knownWorkingFolder()
  const found = await findConfigFile(request, folder)
  for (const [key, sentence] of Object.entries(excluded)) {
    if (found?.settings[key] !== undefined) {
      const place = `${shownPath(found.path, folder)}: ${quoted(key)}`
      throw new PotluckError('CONFIGURATION', `${place} ${sentence}`)
    }
  }
  const settings = new Map(
    Object.entries({ ...defaults, ...found?.settings }).map(([key, value]) => [
      key,
      found?.settings[key] !== undefined && pathKeys.includes(key)
        ? resolvePaths(dirname(found.path), value)
        : value
    ])
  )
  for (const [key, { value }] of Object.entries(flags)) {
    if (value !== undefined) {
      settings.set(key, value)
    }
  }
  const parsed = schema.safeParse(Object.fromEntries(settings))
  if (parsed.success) {
    const values = new Map<string, unknown>(Object.entries(parsed.data))
    if (folder === undefined) {
      checkRelative(pathKeys.flatMap((key) => values.get(key)))
    }
    return parsed.data
  }
  const source = found === undefined ? undefined : shownPath(found.path, folder)
  const sentences = parsed.error.issues.flatMap((issue) =>
    issueSentences(issue, { shape: schema.shape, settings, flags, source })
  )
  throw new PotluckError('CONFIGURATION', [...new Set(sentences)].join('\n'))
}

interface FoundFile {
  path: string
  settings: Record<string, unknown>
}

async function findConfigFile(
  { file, defaultFile, packageFolder = PACKAGE_FOLDER }: ConfigRequest,
  workingFolder: string | undefined
): Promise<FoundFile | undefined> {
  const given = file ?? defaultFile
  if (given === undefined || (file === undefined && workingFolder === undefined)) {
    return undefined
  }
  if (workingFolder === undefined) {
    checkRelative([file])
  }
  const here =
    workingFolder === undefined
      ? [resolve(given)]
      : [resolve(workingFolder, given), resolve(workingFolder, 'config', given)]
  // The file in a package is an example: it is read only if someone names it.
  const candidates =
    file === undefined ? here : [...new Set([...here, resolve(packageFolder, 'config', given)])]
  for (const path of candidates) {
    const text = await readIfThere(path, workingFolder)
    if (text !== undefined) {
      return { path, settings: parseSettings(text, shownPath(path, workingFolder)) }
    }
  }
  if (file === undefined) {
    return undefined
  }
  const looked = candidates.map((path) => shownPath(path, workingFolder)).join(', ')
  throw new PotluckError(
    'CONFIGURATION',
    `There is no configuration file ${quoted(given)}: looked for ${looked}. Name an existing file with --config.`
  )
}

async function readIfThere(path: string, workingFolder: string | undefined): Promise<string | undefined> {
  try {
    const parts: Buffer[] = []
    // One byte beyond the limit is enough to refuse the file. The file may also be a pipe, and a device has no end.
    for await (const part of createReadStream(path, { end: MAX_FILE_BYTE_LENGTH })) {
      parts.push(part)
    }
    const bytes = Buffer.concat(parts)
    if (bytes.byteLength > MAX_FILE_BYTE_LENGTH) {
      throw new Error(`it has more than ${MAX_FILE_BYTE_LENGTH} bytes`)
    }
    return bytes.toString('utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) {
      return undefined
    }
    throw new PotluckError(
      'CONFIGURATION',
      `The configuration file ${shownPath(path, workingFolder)} cannot be read: ${messageOf(error)}. Name a readable file with --config.`,
      { cause: error }
    )
  }
}

function parseSettings(text: string, source: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new PotluckError(
      'CONFIGURATION',
      `${source} is not valid JSON: ${printable(messageOf(error))}. Correct it there; JSON has no comments and no comma after the last entry.`,
      { cause: error }
    )
  }
  const settings = z.record(z.string(), z.unknown()).safeParse(value)
  if (!settings.success) {
    throw new PotluckError(
      'CONFIGURATION',
      `${source} must contain one JSON object, such as { "name": "client1" }; it contains ${shown(value)}.`
    )
  }
  // For editors: it names the JSON Schema of the file.
  const { $schema: _, ...own } = settings.data
  return own
}

function resolvePaths(folder: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => resolvePaths(folder, entry))
  }
  return typeof value === 'string' && value !== '' ? resolve(folder, value) : value
}

interface IssueContext {
  shape: Readonly<Record<string, unknown>>
  settings: ReadonlyMap<string, unknown>
  flags: Readonly<Record<string, FlagValue>>
  /** The path of the file for messages; undefined if there is none. */
  source: string | undefined
}

function issueSentences(issue: z.core.$ZodIssue, context: IssueContext): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKeySentence(key, context))
  }
  const [first, index] = issue.path
  const key = String(first)
  const { settings, flags, source, shape } = context
  const flag = flags[key]
  const setting = settings.get(key)
  const allowed = `it must be ${descriptionOf(shape[key])}`
  if (setting === undefined) {
    const way = flag === undefined ? '' : `give it with ${flag.flag}`
    return source === undefined
      ? [`${quoted(key)} is missing: ${way}, or name a file that has it with --config; ${allowed}.`]
      : [`${source}: ${quoted(key)} is missing. Add it there${way === '' ? '' : ` or ${way}`}; ${allowed}.`]
  }
  const place = flag?.value === undefined ? `${source ?? 'the configuration'}: ${quoted(key)}` : flag.flag
  const entry = typeof index === 'number' && Array.isArray(setting) ? setting[index] : setting
  const reason = issue.code === 'custom' ? ` (${printable(issue.message)})` : ''
  return [`${place} cannot be ${shown(entry)}${reason}: ${allowed}.`]
}

function unknownKeySentence(key: string, { shape, source }: IssueContext): string {
  const keys = Object.keys(shape)
  const suggestion = nearest(key, keys)
  const hint =
    suggestion === undefined ? `the keys are ${keys.join(', ')}` : `did you mean ${quoted(suggestion)}?`
  return `${source ?? 'The configuration'} has an unknown key ${quoted(key)}: ${hint}${suggestion === undefined ? '.' : ''}`
}

/** The path as a person in that folder would type it. */
function shownPath(path: string, workingFolder: string | undefined): string {
  const shorter = workingFolder === undefined ? '..' : relative(workingFolder, path)
  return printable(shorter.startsWith('..') ? path : shorter)
}

function shown(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? 'nothing')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function quoted(text: string): string {
  return `"${printable(text)}"`
}
