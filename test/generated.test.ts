/** What is generated and committed, or made by the build, is what the code says now. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { peerConfigSchema } from '#potluck/config/peer.js'
import { coordinatorEvents } from '#potluck/events/coordinator.js'
import { peerEvents } from '#potluck/events/peer.js'

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
