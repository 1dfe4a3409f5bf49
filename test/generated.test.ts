/** Generated files, committed or built, match the current code. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { peerConfigSchema } from '#potluck/config/peer.js'
import { coordinatorEvents } from '#potluck/events/coordinator.js'
import { peerEvents } from '#potluck/events/peer.js'
import { pages } from '#potluck/programs.js'

interface ConfigSchema {
  properties: Record<string, { description?: string }>
  required?: string[]
}

function schemaOf(role: string): ConfigSchema {
  return JSON.parse(readFileSync(`config/schema/${role}.json`, 'utf8'))
}

describe('generated files', () => {
  it('are current', () => {
    execFileSync(process.execPath, ['scripts/generate-documents.js', '--check'])
  })

  it('have every event of both roles, with what all have', () => {
    const page = readFileSync('docs/events.md', 'utf8')
    const [, coordinator = '', peer = ''] = page.split(/^## /m)
    for (const [section, events] of [
      [coordinator, coordinatorEvents],
      [peer, peerEvents]
    ] as const) {
      const told = [...section.matchAll(/^### (.*)\n\n[A-Z].+\.$/gm)].map(([, name]) => name)
      assert.deepEqual(told.sort(), Object.keys(events).sort())
    }
    for (const field of ['event', 'atMs', 'at', 'peer']) {
      assert.match(page, new RegExp(`^\\| \`${field}\` \\|`, 'm'))
    }
  })

  it('have every setting of both configurations, none of them required, since flags give them too', () => {
    for (const [role, { shape }] of [
      ['coordinator', coordinatorConfigSchema],
      ['peer', peerConfigSchema]
    ] as const) {
      const { properties, required } = schemaOf(role)
      const { $schema, ...settings } = properties
      assert.ok($schema !== undefined)
      assert.deepEqual(Object.keys(settings), Object.keys(shape))
      for (const [key, { description = '' }] of Object.entries(settings)) {
        assert.match(description, /^\S.*\.$/, key)
      }
      assert.equal(required, undefined)
    }
  })

  it('are named by the configurations that come with them', () => {
    for (const name of readdirSync('config').filter((file) => file.endsWith('.json'))) {
      const { $schema, ...settings }: Record<string, unknown> = JSON.parse(
        readFileSync(`config/${name}`, 'utf8')
      )
      const role = /^schema\/(\w+)\.json$/.exec(String($schema))?.[1] ?? ''
      const known = Object.keys(schemaOf(role).properties)
      assert.deepEqual(
        Object.keys(settings).filter((key) => !known.includes(key)),
        []
      )
    }
  })
})

describe('manual pages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'potluck-man-'))
  after(() => rmSync(folder, { recursive: true }))
  execFileSync(process.execPath, ['scripts/man-pages.js', folder])

  it('are those that the package lists', () => {
    const { man } = JSON.parse(readFileSync('package.json', 'utf8'))
    assert.deepEqual(readdirSync(folder).sort(), man.map((path: string) => path.replace('./man/', '')).sort())
  })

  it('have every option of the help, and are read by man without a complaint', (context) => {
    for (const { name, program } of pages()) {
      const path = join(folder, `${name}.1`)
      const { error, status, stdout, stderr } = spawnSync('man', ['--warnings', '-l', path], {
        encoding: 'utf8',
        env: { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' }
      })
      if (error !== undefined) {
        context.skip('man is not here')
        return
      }
      assert.deepEqual([status, stderr], [0, ''])
      const flags = program.options.map(({ flags }) => flags)
      assert.deepEqual(
        flags.filter(
          (flag) => !stdout.includes(`\n       ${flag}\n`) && !stdout.includes(`\n       ${flag} `)
        ),
        []
      )
      for (const title of [
        'NAME',
        'SYNOPSIS',
        'DESCRIPTION',
        'OPTIONS',
        'EXAMPLES',
        'EXIT CODES',
        'SEE ALSO'
      ]) {
        assert.match(stdout, new RegExp(`^${title}$`, 'm'))
      }
    }
  })
})
