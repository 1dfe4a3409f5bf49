// Compiles after an install. Without the compiler (npm ci --omit=dev), the earlier output stays.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (existsSync('node_modules/.bin/tsc')) {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' })
} else if (!existsSync('dist/potluck.js')) {
  console.error(
    'Nothing is compiled here, and the compiler is not installed: run "npm ci" without --omit=dev.'
  )
}
