/** The files in deploy/ match the commands that they run. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { peerConfigSchema } from '#potluck/config/peer.js'
import { EXIT_CODES } from '#potluck/core/errors.js'

const UNITS = { coordinator: [2, 4, 6], peer: [2, 4, 5, 6] }

function unitOf(role: string): string {
  return readFileSync(`deploy/potluck-${role}.service`, 'utf8')
}

test('a service is not started again after what a person has to look at, and stops well', () => {
  for (const [role, codes] of Object.entries(UNITS)) {
    const unit = unitOf(role)
    assert.match(unit, new RegExp(`^RestartPreventExitStatus=${codes.join(' ')}$`, 'm'))
    assert.match(unit, new RegExp(`^SuccessExitStatus=${EXIT_CODES.interrupted}$`, 'm'))
    assert.match(unit, new RegExp(`/opt/potluck/dist/${role}\\.js --config /etc/potluck/${role}\\.json `))
  }
  const { usage, incomplete, integrity, disk } = EXIT_CODES
  assert.deepEqual(UNITS.peer, [usage, incomplete, integrity, disk])
})

test('systemd understands every line of the services', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'potluck-units-'))
  try {
    for (const role of Object.keys(UNITS)) {
      const path = join(folder, `potluck-${role}.service`)
      writeFileSync(path, unitOf(role).replace('/usr/bin/node', process.execPath))
      const { error, status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path])
      if (error !== undefined) {
        context.skip('systemd-analyze is not here')
        return
      }
      assert.deepEqual([status, String(stderr)], [0, ''])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the configuration that the guide shows can be used', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync('deploy/README.md', 'utf8')) ?? []
  assert.equal(peerConfigSchema.parse(JSON.parse(json)).name, 'ann')
})

test('the image is made of files that are there, and no others reach its builder', () => {
  const copied = [
    ...readFileSync('deploy/Dockerfile', 'utf8').matchAll(/^COPY (?!--from)(.*) \S+$/gm)
  ].flatMap(([, files = '']) => files.split(' '))
  for (const file of copied) {
    assert.ok(statSync(file), file)
  }
  const [everything, ...admitted] = readFileSync('deploy/Dockerfile.dockerignore', 'utf8').trim().split('\n')
  assert.equal(everything, '*')
  assert.deepEqual(admitted.map((line) => line.replace(/^!/, '')).sort(), [...new Set(copied)].sort())
})
