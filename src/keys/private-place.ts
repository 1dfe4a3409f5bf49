/**
 * Where to put a private file if its own folder keeps no permissions (exFAT, FAT, NTFS, many network shares): into the
 * user's state folder, as the XDG Base Directory Specification defines it.
 */
import { hash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { awaitWritten, isOpenToOthers, keepsPermissions, writePrivateFile } from './private-file.ts'

/** Characters of the names of folders, and of an id: 128 bits. */
const NAME_LENGTH = 32
const ID = /^[0-9a-f]{32}$/

export interface PrivatePlace {
  path: string
  /** Whether it is in the user's state folder instead of the wanted place. */
  elsewhere: boolean
}

/** The user's folder for programs' state. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: chosen } = environment
  // The specification says to ignore a relative path.
  const base = chosen !== undefined && isAbsolute(chosen) ? chosen : join(homedir(), '.local', 'state')
  return join(base, 'potluck')
}

/**
 * Where to read and write the file. A file that an earlier version left where others can read it is moved there.
 *
 * @param wanted the place for it while its folder keeps permissions
 * @param nameOf the name of the folder that it gets otherwise, the same at each start
 * @throws the system's error, or PotluckError CONFIGURATION when the state folder keeps no permissions either
 */
export async function privatePlaceOf(
  wanted: string,
  maxByteLength: number,
  nameOf: () => Promise<string>
): Promise<PrivatePlace> {
  if (await isPrivate(wanted)) {
    return { path: wanted, elsewhere: false }
  }
  const place = join(stateFolder(), await nameOf())
  await mkdir(place, { recursive: true, mode: 0o700 })
  const path = join(place, basename(wanted))
  await moveAlong(wanted, path, maxByteLength)
  return { path, elsewhere: true }
}

/** The folder name for what belongs to a path of this machine. */
export async function nameOfPath(path: string): Promise<string> {
  const folder = await realpath(dirname(path))
  return hash('sha256', join(folder, basename(path))).slice(0, NAME_LENGTH)
}

/**
 * The folder name for what belongs to a collection: an id that the collection carries, so it is the same wherever its
 * disk is mounted.
 *
 * @param file the file with the id; if it can be neither read nor written, the folder's path identifies it
 */
export async function nameOfCollection(file: string): Promise<string> {
  const id = randomBytes(NAME_LENGTH / 2).toString('hex')
  if (await writeNew(file, id)) {
    return id
  }
  const stored = await awaitWritten(async () => {
    const text = await readFile(file, 'utf8').catch(() => '')
    return ID.test(text) ? text : undefined
  })
  return stored ?? (await nameOfPath(file))
}

async function writeNew(file: string, content: string): Promise<boolean> {
  const handle = await open(file, 'wx').catch(() => undefined)
  try {
    await handle?.writeFile(content)
    return handle !== undefined
  } catch {
    return false
  } finally {
    await handle?.close()
  }
}

/** Most files exist and are private, which needs no test. */
async function isPrivate(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined)
  return (status !== undefined && !isOpenToOthers(status.mode)) || (await keepsPermissions(dirname(path)))
}

async function moveAlong(from: string, to: string, maxByteLength: number): Promise<void> {
  const status = await stat(from).catch(() => undefined)
  if (status?.isFile() === true && status.size <= maxByteLength) {
    const isMoved = await writePrivateFile(to, await readFile(from))
    if (isMoved) {
      await rm(from, { force: true })
    }
  }
}
