/** Makes the torrent of one file: `node torrent-maker.js <file> <name> <announce> <torrent>`. */
import { writeFile } from 'node:fs/promises'
import { torrentOf } from './torrent.ts'

const [path = '', name = '', announce = '', torrent = ''] = process.argv.slice(2)

await writeFile(torrent, await torrentOf(path, name, announce))
