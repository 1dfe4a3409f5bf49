/** Potluck recognises its own files by their first bytes, whatever their names, and takes no other file for one. */
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { writeSwarm } from '#potluck/coordinator/saved-swarm.js'
import { writeInvitation } from '#potluck/protocols/invitation.js'
import { newSwarmId } from '#potluck/protocols/manifest/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { reportPage } from '#potluck/report/html/page.js'
import { HEAD_BYTE_LENGTH, type OwnFile, ownFileIn } from '#potluck/store/own-files.js'
import { coordinatorConsole, peerConsole } from '#potluck/view/console.js'
import { jsonLine } from '#potluck/view/escape.js'
import { logLine } from '#potluck/view/log.js'
import { Screen } from '#potluck/view/screen.js'
import { coordinatorText, peerText } from '#potluck/view/text.js'
import { fc } from '../fixtures/properties.js'
import { coordinatorEvents, liveRun, peerEvents } from '../fixtures/report-events.js'

const KEY = await generateKeyPair('Ed25519')
const PEER_ID = peerIdFromPrivateKey(KEY).toString()
const IDENTITY = privateKeyToProtobuf(KEY)
const RUN = { names: ['ann', 'ben'] }
const REPORT = buildReport(liveRun(coordinatorEvents(RUN)), 0)

const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `potluck-secret-${Buffer.from(bytes).toString('base64url')}`)
const blank = fc.stringMatching(/^[ \t\r\n]{0,8}$/)
const invitation = fc
  .tuple(fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }), fc.ipV4())
  .map(([key, host]) =>
    writeInvitation({ addresses: [`/ip4/${host}/tcp/9000/p2p/${PEER_ID}`], peerId: PEER_ID, key })
  )
const event = fc.constantFrom(...coordinatorEvents(RUN), ...peerEvents(RUN, 'ann'))
const textLine = fc.oneof(
  fc.constantFrom(...coordinatorEvents(RUN)).map((each) => logLine(each, coordinatorText(each))),
  fc.constantFrom(...peerEvents(RUN, 'ann')).map((each) => logLine(each, peerText(each)))
)

/** Potluck's words and shapes, as others may use them. */
const mention = fc.constantFrom(
  ...[
    'potluck',
    'potluck-secret-',
    'potluck1',
    'potluck-report',
    'Potluck</title>',
    'started',
    ' ms  started'
  ],
  ...[
    '{"event":"started"',
    '"atMs":1',
    '"peer":"ann"',
    '{"version":1',
    '"clockZeroUnixMs":',
    '"format":',
    '{'
  ],
  ...['<!doctype html>\n', '<html lang="en">\n', '    12345.678', '\n', ' ', '"', ':', '}', 'POTLUCK_SECRET=']
)

function kindOf(content: Uint8Array | string): OwnFile | undefined {
  const bytes = Buffer.from(content)
  return ownFileIn(bytes.subarray(0, HEAD_BYTE_LENGTH), bytes.byteLength)
}

describe('own files', () => {
  it('fault 42: knows a secret with or without a line end, in quotes, as a variable or a setting, in UTF-16', () => {
    fc.assert(
      fc.property(secret, blank, blank, (word, before, after) => {
        assert.equal(kindOf(before + word + after), 'secret')
        assert.equal(kindOf(`# for Friday\r\nexport POTLUCK_SECRET="${word}"\r\nA=b`), 'secret')
        assert.equal(kindOf(`POTLUCK_SECRET=${word} node dist/peer.js`), 'secret')
        assert.equal(kindOf(JSON.stringify({ POTLUCK_SECRET: word, open: false })), 'secret')
        assert.equal(kindOf(Buffer.from(`\ufeff${word}\r\n`, 'utf16le')), 'secret')
        assert.equal(kindOf(`\ufeff${word}`), 'secret')
        assert.equal(kindOf(word.slice(0, -1)), undefined)
        assert.equal(kindOf(`${word}x`), undefined)
        assert.equal(kindOf(`The line ${word} is what a secret looks like.`), undefined)
      })
    )
  })

  it('fault 42: knows an identity, and takes no other short file for one', () => {
    assert.equal(kindOf(IDENTITY), 'identity')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 80 }), (bytes) => {
        assert.equal(kindOf(bytes), undefined)
        assert.equal(kindOf(Buffer.concat([IDENTITY, bytes])), undefined)
      })
    )
  })

  it('fault 42: knows an invitation as a chat may have left it, and not a text with one in it', () => {
    fc.assert(
      fc.property(invitation, fc.nat(), (word, at) => {
        assert.equal(kindOf(word), 'invitation')
        const cut = at % word.length
        const broken = `“${word.slice(0, cut)}\u200b\r\n  ${word.slice(cut)}”\n`
        assert.equal(kindOf(broken), 'invitation')
        assert.equal(kindOf(`POTLUCK_INVITATION=${word}\n`), 'invitation')
        assert.equal(kindOf(word.slice(0, -1)), undefined)
        assert.equal(kindOf(`${word}\nSee you at 8.`), undefined)
        assert.equal(kindOf(`Join by ${word}`), undefined)
      }),
      { numRuns: 20 }
    )
  })

  it('fault 42: knows the state of a coordinator, with any members', () => {
    const swarm = {
      clockZeroUnixMs: 1_700_000_000_000.5,
      swarmId: newSwarmId(),
      expectedPeers: 2,
      chunkByteLength: 262_144,
      privateKey: IDENTITY,
      runSecret: undefined,
      catalogAtMs: undefined,
      members: []
    }
    assert.equal(kindOf(writeSwarm(swarm)), 'state')
    assert.equal(kindOf(writeSwarm(swarm).slice(0, 60)), 'state')
  })

  it('fault 42: knows reports, of which the page is long', () => {
    assert.equal(kindOf(JSON.stringify(REPORT)), 'report')
    assert.equal(kindOf(reportPage(REPORT)), 'report')
  })

  it('fault 42: knows logs that begin with any event, for people and for machines', () => {
    fc.assert(
      fc.property(event, textLine, fc.string(), (first, line, rest) => {
        assert.equal(
          kindOf(jsonLine(first) + rest),
          jsonLine(first).length <= HEAD_BYTE_LENGTH ? 'log' : undefined
        )
        assert.equal(kindOf(line + rest), 'log')
      })
    )
  })

  it('fault 42: knows a log by its first event where that is cut off, or longer than what is looked at', () => {
    const multiaddrs = Array.from({ length: 200 }, (_, port) => `/ip4/192.0.2.1/tcp/${port}/p2p/${PEER_ID}`)
    const started = { event: 'started', peerId: PEER_ID, multiaddrs, atMs: 1, peer: 'ann' }
    assert.equal(kindOf(jsonLine(started)), 'log')
    assert.equal(kindOf(jsonLine(started).slice(0, 200)), 'log')
    const { peer, ...told } = started
    assert.equal(kindOf(jsonLine({ peer: `"${peer}"`, ...told })), 'log')
    assert.equal(kindOf(logLine(started, 'listens').slice(0, -1)), 'log')
  })

  it('fault 42: knows what a coordinator or a peer has shown, where that went to a file', () => {
    const multiaddrs = [`/ip4/127.0.0.1/tcp/9000/p2p/${PEER_ID}`]
    const started = { event: 'started' as const, peerId: PEER_ID, atMs: 90 }
    const coordinator = {
      ...started,
      multiaddrs,
      peer: 'coordinator',
      expectedPeers: 2,
      chunkByteLength: 1024
    }
    const shown = (verbose: boolean, show: (screen: Screen) => void): string => {
      const stream = new PassThrough()
      show(new Screen(stream, { verbose }))
      return String(stream.read())
    }
    const texts = [false, true].flatMap((verbose) => [
      shown(verbose, (screen) =>
        coordinatorConsole({ screen, complain: assert.fail, table: true })(coordinator)
      ),
      ...[multiaddrs, []].map((each) =>
        shown(verbose, (screen) =>
          peerConsole('ann', { screen, complain: assert.fail })({ ...started, peer: 'ann', multiaddrs: each })
        )
      )
    ])
    for (const text of texts) {
      assert.equal(kindOf(`${text}more`), 'output', text)
    }
    assert.equal(kindOf(`ann: the relay is /ip4/192.0.2.1/tcp/1/p2p/${PEER_ID}\n`), undefined)
  })

  it('fault 42: takes no file of anybody else for one of these', () => {
    const words = fc.array(fc.oneof({ weight: 3, arbitrary: mention }, fc.string(), fc.json()))
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((parts) => parts.join('')),
          fc.uint8Array()
        ),
        (content) => {
          assert.equal(kindOf(content), undefined)
        }
      )
    )
    const others = [
      '',
      '\n',
      '{"event":"started","time":1}\n{"event":"stopped","time":2}\n',
      '{"event":"goal","atMs":61000,"peer":"ann"}\n',
      '{"version":2,"name":"mine"}',
      '{"format":"other"}',
      '    12345.678 ms  render                   ok\n',
      '12.5 ms  started  ok\n',
      '<!doctype html>\n<html lang="en">\n<head>\n<title>Recipes – Potluck</title>',
      'Potluck: make a secret with --new-secret; it looks like potluck-secret-….\n',
      'Invitations begin with potluck1.',
      'potluck1'
    ]
    for (const content of others) {
      assert.equal(kindOf(content), undefined, content)
    }
  })
})
