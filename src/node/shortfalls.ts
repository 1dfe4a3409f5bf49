/**
 * The entries of the catalog that this peer gave up while its run went on: the run ends with an error that names them.
 * Pure.
 */
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { countOf, named } from '../core/units.ts'

/** Reasons that the error gives, and files that it names for each; the log has all of them. */
const MAX_REASONS = 3
const MAX_FILES_NAMED = 3

/** Characters of a name; its end says more than its beginning. */
const MAX_NAME_SHOWN = 80

/** `INTEGRITY`: the origin describes the file falsely. `DISK`: this computer cannot store it. */
export type ShortfallCode = 'INTEGRITY' | 'DISK'

interface Reason {
  message: string
  /** The first ones of all. */
  files: string[]
}

export class Shortfalls {
  readonly #reasons = new Map<ShortfallCode, Map<string, Reason>>()
  #count = 0

  /** @param file `<origin>/<path>` */
  add(file: string, { code, message }: PotluckError): void {
    const kind = code === 'INTEGRITY' ? 'INTEGRITY' : 'DISK'
    this.#count++
    const reasons = this.#reasons.get(kind) ?? new Map<string, Reason>()
    this.#reasons.set(kind, reasons)
    const reason = reasons.get(message)
    if (reason === undefined && reasons.size < MAX_REASONS) {
      reasons.set(message, { message, files: [file] })
    } else if (reason !== undefined && reason.files.length < MAX_FILES_NAMED) {
      reason.files.push(file)
    }
  }

  /** How many entries are given up. */
  get count(): number {
    return this.#count
  }

  /** The error that the run ends with: a lie outweighs a disk, because others have to know of it. */
  get code(): ShortfallCode {
    return this.#reasons.has('INTEGRITY') ? 'INTEGRITY' : 'DISK'
  }

  /** The files and the reasons, the first ones. */
  get message(): string {
    const reasons = [
      ...(this.#reasons.get('INTEGRITY')?.values() ?? []),
      ...(this.#reasons.get('DISK')?.values() ?? [])
    ]
    const told = reasons.slice(0, MAX_REASONS)
    const more = this.#count - told.reduce((count, { files }) => count + files.length, 0)
    const rest = more > 0 ? `; and ${countOf(more, 'more file')}, as the log says` : ''
    return told.map(reasonText).join('; ') + rest
  }

  /** @param besides why more than these is missing, if it is */
  error(besides?: PotluckError): PotluckError {
    const what = `this peer fetched everything but ${countOf(this.#count, 'file')}: ${this.message}`
    return besides === undefined
      ? new PotluckError(this.code, what)
      : new PotluckError(
          besides.code === 'INTEGRITY' ? 'INTEGRITY' : this.code,
          `${besides.message}; besides, ${what}`
        )
  }
}

function reasonText({ message, files }: Reason): string {
  const names = files.map((file) =>
    printable(file.length > MAX_NAME_SHOWN ? `…${file.slice(-MAX_NAME_SHOWN)}` : file)
  )
  const isNamed = names.every((name) => message.includes(name.replace(/^…/, '')))
  return isNamed ? message : `${named(names)}: ${message}`
}
