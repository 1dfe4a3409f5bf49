/** SIGHUP at a peer that runs: its configuration file is read again. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const MIB = 1024 * 1024

/** Of an event, what it says. */
function detailsOf({ event: _, atMs: __, at: ____, peer: ___, ...details }: Record<string, unknown>): object {
  return details
}

/** Sends the signal and waits for one more event of the kind. */
async function hangUp(peer: Command, kind: string): Promise<Record<string, unknown>> {
  const count = peer.eventsOf(kind).length
  peer.child.kill('SIGHUP')
  return await peer.told(kind, count + 1)
}

describe('SIGHUP', { skip: process.platform === 'win32' && 'there is no such signal here' }, () => {
  it('has a peer go by the limits that the file has now, and tells what it leaves as it was', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(3)
      const settings = {
        name: 'ann',
        coordinator: address,
        share: ['ann.bin'],
        collection: 'ann-got',
        logs: 'logs'
      }
      const write = (changes: object): Promise<string> =>
        workshop.write('ann.json', JSON.stringify({ ...settings, ...changes }))
      await workshop.write('ann.bin', bytesOf(MIB, 'ann'))
      await write({ maxUp: 20 })
      const ann = workshop.start('peer.js', '--config', 'ann.json', '--max-down', '50', '--json')
      assert.deepEqual(detailsOf(await ann.told('limits')), {
        maxUpBytesPerSecond: 2_500_000,
        maxDownBytesPerSecond: 6_250_000
      })
      await ann.told('manifests-published')

      await write({ maxUp: 8, maxDown: 10 })
      assert.deepEqual(
        detailsOf(await hangUp(ann, 'limits')),
        { maxUpBytesPerSecond: 1_000_000, maxDownBytesPerSecond: 6_250_000 },
        'flags go before the file'
      )
      assert.deepEqual(detailsOf(await coordinator.told('capacities')), {
        uplinkBytesPerSecond: 1_000_000,
        downlinkBytesPerSecond: 6_250_000
      })
      assert.match(
        await ann.printed(/Ann: sends at most 8 Mbit\/s.*|ann: sends at most 8 Mbit\/s.*/),
        /50 Mbit/
      )

      await write({ maxUp: 8, share: [], peerReturnTimeoutMs: 1000 })
      const { message: left } = await hangUp(ann, 'warning')
      assert.match(String(left), /changes of share, peerReturnTimeoutMs .* have no effect/)

      const limits = ann.eventsOf('limits').length
      await write({ maxUp: 'much' })
      const { message: wrong } = await hangUp(ann, 'warning')
      assert.match(String(wrong), /ann\.json: "maxUp" cannot be "much".* Nothing has changed\./)
      await workshop.write('ann.json', '{')
      assert.match(String((await hangUp(ann, 'warning'))['message']), /not valid JSON/)
      await rm(join(workshop.folder, 'ann.json'))
      assert.match(String((await hangUp(ann, 'warning'))['message']), /no configuration file/)
      assert.equal(ann.eventsOf('limits').length, limits)

      const ben = workshop.peer('ben', address)
      await ben.told('registered')
      const { message: nothing } = await hangUp(ben, 'warning')
      assert.match(String(nothing), /no configuration file to read again.*without --config/)

      const cid = workshop.peer('cid', address)
      for (const command of [ann, ben, cid, coordinator]) {
        assert.deepEqual(await command.end(), { code: 0, signal: null }, command.output.slice(-2000))
      }
      const [first] = ann.eventsOf('catalog')
      const last = ann.eventsOf('chunk-sent').at(-1)
      const elapsedMs = Number(last?.['atMs']) - Number(first?.['atMs'])
      assert.ok(elapsedMs >= (0.9 * 1000 * MIB) / 1_000_000, `${elapsedMs} ms at the new limit`)
    })
  })
})
