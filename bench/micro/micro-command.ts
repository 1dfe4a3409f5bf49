/** The command behind `npm run bench -- micro`: single parts of this project, in this one process. */
import type { Output } from '#potluck/cli/output.js'
import { tableOf } from '#potluck/view/table.js'
import { runInterruptible } from '../machine/interruptible.ts'
import { inRoom } from '../machine/room.ts'
import type { Spread } from '../machine/spread.ts'
import { codecWork } from './codec-work.ts'
import { readMicroArguments } from './options.ts'
import { pickerWork } from './picker-work.ts'
import { perSecond, type Work } from './rounds.ts'
import { STORE_FILE_BYTE_LENGTH, storeWork } from './store-work.ts'

/** The peer of the benchmark's events, which concern none. */
const BENCH = 'bench'

/** Resolves with the exit code. @throws PotluckError with the reason for missing results */
export async function microCommand(argv: string[], output: Output): Promise<number> {
  const { runs } = readMicroArguments(argv)
  return await runInterruptible(output, 'removing the files', (signal) =>
    inRoom(async (room) => {
      const [place] = await room.places(1, STORE_FILE_BYTE_LENGTH, signal)
      if (place === undefined) {
        throw new Error('a room has as many places as were asked for')
      }
      const startedAtMs = performance.now()
      const rows: string[][] = []
      for (const work of [...codecWork(), ...pickerWork(), ...storeWork(place.source, place.folder)]) {
        const spread = await perSecond(work, { rounds: runs, signal })
        const result = { name: work.name, unit: work.unit, perSecond: spread }
        output.event({ event: 'micro-result', atMs: performance.now() - startedAtMs, peer: BENCH, ...result })
        rows.push(microRow(work, spread))
      }
      output.screen.line(...tableOf(['what', 'a second', 'spread', 'unit'], rows))
    })
  )
}

export function microRow(
  { name, unit }: Pick<Work, 'name' | 'unit'>,
  { median, least, most }: Spread
): string[] {
  return [name, rate(median), `${rate(least)}–${rate(most)}`, unit]
}

/** More digits would not repeat from run to run. */
function rate(value: number): string {
  return String(Number(value.toPrecision(3)))
}
