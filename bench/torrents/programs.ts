/** The command that runs a peer of each BitTorrent system; its task follows as one more argument. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProgramCall } from '#potluck/local-run/children.js'
import { PACKAGE_FOLDER } from '#potluck/package.js'
import { PYTHON } from '../machine/packages.ts'

/** These two are not compiled, so they are in the source folder. */
const LIBTORRENT_PEER = join(PACKAGE_FOLDER, 'bench', 'torrents', 'libtorrent_peer.py')
export const WEBTORRENT_FOLDER = join(PACKAGE_FOLDER, 'bench', 'webtorrent')

const ARIA2_PEER = fileURLToPath(new URL('./aria2-peer.js', import.meta.url))

// Each ends when the process that started it ends in any way.
export const LIBTORRENT_CALL: ProgramCall = ['setpriv', '--pdeathsig', 'KILL', PYTHON, LIBTORRENT_PEER]
export const ARIA2_CALL: ProgramCall = [process.execPath, ARIA2_PEER]
export const WEBTORRENT_CALL: ProgramCall = [
  ...(['setpriv', '--pdeathsig', 'KILL'] as const),
  process.execPath,
  join(WEBTORRENT_FOLDER, 'peer.js')
]
