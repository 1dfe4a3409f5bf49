import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ConfigRequest, loadConfig } from '#potluck/cli/config-file.js'
import { coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { peerConfigSchema } from '#potluck/config/peer.js'
import { PotluckError } from '#potluck/core/errors.js'

const root = mkdtempSync(join(tmpdir(), 'potluck-config-'))
after(() => {
  rmSync(root, { recursive: true })
})
const workingFolder = join(root, 'working')
const packageFolder = join(root, 'package')
for (const folder of [workingFolder, packageFolder]) {
  mkdirSync(join(folder, 'config'), { recursive: true })
}

const peer = { name: 'client1', coordinator: '/ip4/127.0.0.1/tcp/9000', collection: 'here' }
const flags = {
  name: { flag: '--name', value: undefined },
  coordinator: { flag: '--coordinator', value: undefined },
  collection: { flag: '--into', value: undefined }
}

const required = Object.fromEntries(
  Object.entries(peer).map(([key, value]) => [key, { flag: `--${key}`, value }])
)

function write(path: string, content: unknown): void {
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

function loadPeer(request: Partial<ConfigRequest>) {
  return loadConfig(peerConfigSchema, {
    file: undefined,
    flags,
    pathKeys: ['share', 'collection', 'logs'],
    workingFolder,
    packageFolder,
    ...request
  })
}

function loadCoordinator(request: Partial<ConfigRequest>) {
  return loadConfig(coordinatorConfigSchema, {
    file: undefined,
    flags: {},
    pathKeys: ['logs'],
    workingFolder,
    packageFolder,
    ...request
  })
}

function says(...sentences: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.code, 'CONFIGURATION')
    assert.equal(error.exitCode, 2)
    assert.deepEqual(error.message.split('\n'), sentences)
    return true
  }
}

test('every default stands in its schema', async () => {
  assert.deepEqual(await loadCoordinator({}), {
    name: 'coordinator',
    listen: ['/ip4/127.0.0.1/tcp/9000'],
    announce: [],
    open: false,
    expectedPeers: 4,
    late: 'yes',
    chunkByteLength: 262144,
    relay: false,
    logs: 'logs',
    report: true,
    maxListBytes: 268_435_456,
    peerReturnTimeoutMs: 300_000
  })
  assert.deepEqual(peerConfigSchema.parse(peer), {
    ...peer,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    announce: [],
    only: [],
    except: [],
    askAbove: 10 * 1024 ** 3,
    share: [],
    exclude: [],
    portableNames: 'refuse',
    verify: false,
    open: false,
    logs: 'logs',
    joinTimeoutMs: 60_000,
    onCoordinatorLost: 'continue',
    peerReturnTimeoutMs: 300_000
  })
})

test('a file is looked for as given, then in config/ here, then in config/ of the package', async () => {
  const places = ['package/config/p.json', 'working/config/p.json', 'working/p.json']
  for (const [index, place] of places.entries()) {
    write(place, { ...peer, name: `found${index}` })
    assert.equal((await loadPeer({ file: 'p.json' })).name, `found${index}`)
  }
})

test('a default file is read where it is run, if it is there, and never from the package', async () => {
  const defaultFile = 'default.json'
  write('package/config/default.json', { name: 'of-the-package' })
  assert.equal((await loadCoordinator({ defaultFile })).name, 'coordinator')
  write('working/config/default.json', { name: 'of-config' })
  assert.equal((await loadCoordinator({ defaultFile })).name, 'of-config')
  write('working/default.json', { name: 'of-here' })
  assert.equal((await loadCoordinator({ defaultFile })).name, 'of-here')
  write('working/named.json', { name: 'named' })
  assert.equal((await loadCoordinator({ defaultFile, file: 'named.json' })).name, 'named')
})

test('what goes without saying stands behind a file and flags, and paths in it stay as they are', async () => {
  const defaults = { ...peer, name: 'unsaid', collection: 'unsaid', share: ['unsaid'] }
  write('working/said.json', { collection: 'said' })
  const config = await loadPeer({
    defaults,
    file: 'said.json',
    flags: { ...flags, share: { flag: '--share', value: ['flag'] } }
  })
  assert.deepEqual(
    [config.name, config.collection, config.share],
    ['unsaid', join(workingFolder, 'said'), ['flag']]
  )
  assert.equal((await loadPeer({ defaults })).collection, 'unsaid')
})

test('what excludes a key is said where a file has that key', async () => {
  write('working/both.json', { secretFile: 'x' })
  const excluded = { secretFile: 'is not for who was invited.' }
  await assert.rejects(
    loadPeer({ excluded, defaults: peer, file: 'both.json' }),
    says('both.json: "secretFile" is not for who was invited.')
  )
  assert.equal((await loadPeer({ excluded, defaults: peer })).name, 'client1')
})

test('paths in a file are relative to it, those of flags stay as they are', async () => {
  write('working/config/paths.json', {
    ...peer,
    share: ['../a', '/b'],
    collection: '../into',
    logs: 'logs'
  })
  const config = await loadPeer({
    file: 'paths.json',
    flags: { ...flags, logs: { flag: '--logs', value: 'my-logs' } }
  })
  assert.deepEqual(config.share, [join(workingFolder, 'a'), '/b'])
  assert.equal(config.collection, join(workingFolder, 'into'))
  assert.equal(config.logs, 'my-logs')
})

test('flags alone will do, and they override a file', async () => {
  const given = Object.fromEntries(
    Object.entries(peer).map(([key, value]) => [key, { flag: `--${key}`, value }])
  )
  assert.equal((await loadPeer({ flags: given })).collection, 'here')
  write('working/named.json', { ...peer, name: 'file' })
  const config = await loadPeer({
    file: 'named.json',
    flags: { ...flags, name: { flag: '--name', value: 'flag' } }
  })
  assert.equal(config.name, 'flag')
})

test('a byte order mark is no fault', async () => {
  write('working/bom.json', `\uFEFF${JSON.stringify(peer)}`)
  assert.equal((await loadPeer({ file: 'bom.json' })).name, 'client1')
})

test('a missing file is named, with all places', async () => {
  await assert.rejects(
    loadPeer({ file: 'nope.json' }),
    says(
      `There is no configuration file "nope.json": looked for nope.json, ${join('config', 'nope.json')}, ${join(packageFolder, 'config', 'nope.json')}. Name an existing file with --config.`
    )
  )
})

test('a folder is no file', async () => {
  await assert.rejects(loadPeer({ file: 'config' }), (error) => {
    assert.ok(error instanceof PotluckError)
    assert.match(
      error.message,
      /^The configuration file config cannot be read: EISDIR.* Name a readable file/
    )
    return true
  })
})

test('a file without an end is read no further than the longest configuration', async () => {
  write('working/long.json', ' '.repeat(1024 * 1024 + 1))
  for (const file of ['long.json', ...(existsSync('/dev/zero') ? ['/dev/zero'] : [])]) {
    await assert.rejects(loadPeer({ file }), (error) => {
      assert.ok(error instanceof PotluckError)
      assert.match(error.message, /cannot be read: it has more than 1048576 bytes/)
      return true
    })
  }
})

test('a file may name its JSON Schema, which is no setting', async () => {
  write('working/schema.json', { $schema: 'https://host.example/peer.json', ...peer })
  const config = await loadPeer({ file: 'schema.json' })
  assert.deepEqual([config.name, '$schema' in config], ['client1', false])
})

test('what is not JSON is said so', async () => {
  write('working/broken.json', '{ "name": "client1", }')
  await assert.rejects(loadPeer({ file: 'broken.json' }), (error) => {
    assert.ok(error instanceof PotluckError)
    assert.match(error.message, /^broken\.json is not valid JSON: .*Correct it there/)
    return true
  })
  write('working/list.json', '[1]')
  await assert.rejects(
    loadPeer({ file: 'list.json' }),
    says('list.json must contain one JSON object, such as { "name": "client1" }; it contains [1].')
  )
})

test('a wrong value is shown with its key, its file and what is allowed', async () => {
  const cases: Array<[object, string]> = [
    [
      { expectedPeers: 'four' },
      '"expectedPeers" cannot be "four": it must be a whole number from 1 to 1024.'
    ],
    [{ expectedPeers: 1.5 }, '"expectedPeers" cannot be 1.5: it must be a whole number from 1 to 1024.'],
    [{ expectedPeers: 0 }, '"expectedPeers" cannot be 0: it must be a whole number from 1 to 1024.'],
    [
      { chunkByteLength: 8388608 },
      '"chunkByteLength" cannot be 8388608: it must be a whole number of bytes from 1024 to 4194304.'
    ],
    [{ logs: '' }, '"logs" cannot be "": it must be the path of a folder.'],
    [
      { name: 'a/b' },
      '"name" cannot be "a/b" (one of the characters < > : " | ? * \\ /): it must be a file name that every system can store, of at most 64 bytes.'
    ],
    [
      { listen: ['/ip4/127.0.0.1/tcp/1', '127.0.0.1'] },
      '"listen" cannot be "127.0.0.1" (neither HOST:PORT nor a multiaddr): it must be a list of 1 to 32 addresses: ports such as "9000", HOST:PORT such as "127.0.0.1:9000", or multiaddrs such as "/ip4/0.0.0.0/tcp/9000".'
    ],
    [
      { listen: '/ip4/127.0.0.1/tcp/1' },
      '"listen" cannot be "/ip4/127.0.0.1/tcp/1": it must be a list of 1 to 32 addresses: ports such as "9000", HOST:PORT such as "127.0.0.1:9000", or multiaddrs such as "/ip4/0.0.0.0/tcp/9000".'
    ],
    [
      { listen: [] },
      '"listen" cannot be []: it must be a list of 1 to 32 addresses: ports such as "9000", HOST:PORT such as "127.0.0.1:9000", or multiaddrs such as "/ip4/0.0.0.0/tcp/9000".'
    ]
  ]
  for (const [content, sentence] of cases) {
    write('working/wrong.json', content)
    await assert.rejects(loadCoordinator({ file: 'wrong.json' }), says(`wrong.json: ${sentence}`))
  }
})

test('a choice names what can be chosen', async () => {
  write('working/choice.json', { ...peer, onCoordinatorLost: 'panic' })
  await assert.rejects(
    loadPeer({ file: 'choice.json' }),
    says('choice.json: "onCoordinatorLost" cannot be "panic": it must be "continue" or "exit".')
  )
})

test('a capacity is a number of Mbit/s, or left out', async () => {
  const told = await loadPeer({ flags: { uplink: { flag: '--uplink', value: 0.5 }, ...required } })
  assert.deepEqual([told.uplink, told.downlink], [0.5, undefined])
  const limited = await loadPeer({ flags: { maxUp: { flag: '--max-up', value: 0.5 }, ...required } })
  assert.deepEqual([limited.maxUp, limited.maxDown], [0.5, undefined])
  await assert.rejects(
    loadPeer({ flags: { maxDown: { flag: '--max-down', value: 0.4 }, ...required } }),
    says('--max-down cannot be 0.4: it must be a number of Mbit/s from 0.5 to 1000000.')
  )
  for (const value of ['fast', 0, -1, 1e9, Number.NaN]) {
    await assert.rejects(
      loadPeer({ flags: { downlink: { flag: '--downlink', value }, ...required } }),
      says(
        `--downlink cannot be ${JSON.stringify(value)}: it must be a number of Mbit/s from 0.001 to 1000000.`
      )
    )
  }
})

test('a wrong flag is called by its own name', async () => {
  await assert.rejects(
    loadCoordinator({ flags: { expectedPeers: { flag: '--peers', value: 'x' } } }),
    says('--peers cannot be "x": it must be a whole number from 1 to 1024.')
  )
})

test('an unknown key comes with what may have been meant', async () => {
  write('working/unknown.json', { expectedPeer: 4, zzz: 1 })
  await assert.rejects(
    loadCoordinator({ file: 'unknown.json' }),
    says(
      'unknown.json has an unknown key "expectedPeer": did you mean "expectedPeers"?',
      'unknown.json has an unknown key "zzz": the keys are name, listen, announce, secretFile, open, identityFile, stateFile, allow, expectedPeers, startAfterMs, late, chunkByteLength, relay, logs, dashboard, report, publishTimeoutMs, maxListBytes, peerReturnTimeoutMs.'
    )
  )
})

test('what is missing is said with the ways to give it', async () => {
  await assert.rejects(
    loadPeer({
      flags: {
        ...flags,
        name: { flag: '--name', value: 'a' },
        collection: { flag: '--into', value: 'b' }
      }
    }),
    says(
      '"coordinator" is missing: give it with --coordinator, or name a file that has it with --config; it must be HOST:PORT such as "192.0.2.1:9000", or a multiaddr such as "/ip4/192.0.2.1/tcp/9000".'
    )
  )
  write('working/less.json', { name: 'client1', coordinator: peer.coordinator })
  await assert.rejects(
    loadPeer({ file: 'less.json' }),
    says(
      'less.json: "collection" is missing. Add it there or give it with --into; it must be the path of a folder.'
    )
  )
})

test('fault 37: what a file holds cannot move the cursor', async () => {
  write('working/hostile.json', { ...peer, name: '\u001b[2J', '\u001b[3J': 1 })
  await assert.rejects(loadPeer({ file: 'hostile.json' }), (error) => {
    assert.ok(error instanceof PotluckError)
    assert.doesNotMatch(error.message.replaceAll('\n', ''), /\p{Cc}/u)
    return true
  })
})

test('the keys of every object are no keys of ours', async () => {
  write('working/proto.json', '{ "__proto__": { "expectedPeers": 2 }, "constructor": 1 }')
  await assert.rejects(loadCoordinator({ file: 'proto.json' }), /unknown key "constructor"/)
})
