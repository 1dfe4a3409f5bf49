// Writes the reference of the library's exported names to docs/api. TypeDoc needs an older compiler than the project,
// so scripts/api-docs installs both, at locked versions, on first use.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const typedoc = 'scripts/api-docs/node_modules/typedoc/bin/typedoc'
if (!existsSync(typedoc)) {
  execFileSync('npm', ['ci', '--ignore-scripts'], {
    cwd: 'scripts/api-docs',
    stdio: ['ignore', 'ignore', 'inherit']
  })
}
const options = ['--name', 'Potluck', '--readme', 'none', '--out', 'docs/api', '--tsconfig', 'tsconfig.json']
const shown = ['--excludePrivate', '--excludeInternal', '--disableSources']
execFileSync(process.execPath, [typedoc, ...options, ...shown, 'src/index.ts'], { stdio: 'inherit' })
