/** `npm run screenshots -- dashboard`: pictures for the documentation, of real runs. */
import { takeDashboard } from './dashboard.ts'

/** What there are pictures of. */
const TAKERS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  dashboard: takeDashboard
}

const FOLDER = 'docs/images'

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => TAKERS[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(
    `there are no pictures of ${unknown.join(', ')}; there are of ${Object.keys(TAKERS).join(', ')}\n`
  )
  process.exitCode = 2
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(TAKERS)) {
    await TAKERS[name]?.(FOLDER)
  }
}
