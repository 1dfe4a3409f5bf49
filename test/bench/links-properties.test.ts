import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COORDINATOR } from '../../bench/links/hosts.js'
import { NAME_PREFIX, networkPlan } from '../../bench/links/network-plan.js'
import { steadyRate } from '../../bench/links/steady-rate.js'
import { ownerOf } from '../../bench/machine/leftovers.js'
import { fc } from '../fixtures/properties.js'

const rateMbit = fc.integer({ min: 1, max: 10_000 })
const links = fc.array(fc.record({ uplinkMbit: rateMbit, downlinkMbit: rateMbit, behindNat: fc.boolean() }), {
  minLength: 1,
  maxLength: 16
})
const processId = fc.integer({ min: 1, max: 4_194_304 })

/** The namespaces that a command works in. */
function namespacesOf(command: readonly string[]): string[] {
  const [program, option, third, fourth] = command
  const inside = option === '-n' ? [third] : option === 'netns' && third === 'exec' ? [fourth] : []
  const other = command.indexOf('netns', 2)
  assert.ok(program === 'ip' || program === 'tc')
  return [...inside, other === -1 ? undefined : command[other + 1]].filter((name) => name !== undefined)
}

describe('the plan of a network', () => {
  it('works in namespaces that it has made, each once and of its own name, and lists them all', () => {
    fc.assert(
      fc.property(links, processId, (links, processId) => {
        const peers = links.map((link, index) => ({ name: `client${index + 1}`, link }))
        const { commands, namespaces } = networkPlan({ processId, peers, congestionControl: 'cubic' })
        const made = new Set<string>()
        for (const command of commands) {
          if (command[1] === 'netns' && command[2] === 'add') {
            const [, , , name = ''] = command
            assert.ok(!made.has(name))
            assert.equal(ownerOf(NAME_PREFIX, name), processId)
            made.add(name)
          } else {
            const used = namespacesOf(command)
            assert.ok(used.length > 0 && used.every((name) => made.has(name)), command.join(' '))
          }
        }
        assert.deepEqual([...made], namespaces)
      })
    )
  })

  it('shapes each line of a peer once each way, and not the coordinator’s', () => {
    fc.assert(
      fc.property(links, processId, (links, processId) => {
        const peers = links.map((link, index) => ({ name: `client${index + 1}`, link }))
        const { commands, hosts, bridgeNamespace } = networkPlan({
          processId,
          peers,
          congestionControl: 'cubic'
        })
        const shapers = commands.filter(([program]) => program === 'tc')
        assert.equal(shapers.length, 2 * peers.length)
        for (const { name, link } of peers) {
          const host = hosts.get(name)
          assert.ok(host !== undefined)
          const outside = link.behindNat ? `${host.namespace}-nat` : host.namespace
          const rateAt = (namespace: string, device: string): string | undefined =>
            shapers.find((command) => command[2] === namespace && command.includes(device))?.[10]
          assert.equal(rateAt(outside, 'eth0'), `${link.uplinkMbit}mbit`)
          assert.equal(rateAt(bridgeNamespace, host.bridgePort), `${link.downlinkMbit}mbit`)
          assert.equal(host.address === host.publicAddress, !link.behindNat)
        }
        assert.equal(hosts.get(COORDINATOR)?.address, '10.77.0.1')
        const addresses = [...hosts.values()].map(({ publicAddress }) => publicAddress)
        assert.equal(new Set(addresses).size, hosts.size)
      })
    )
  })

  it('has every peer and the coordinator reach the others by a route with the congestion control', () => {
    fc.assert(
      fc.property(links, processId, (links, processId) => {
        const peers = links.map((link, index) => ({ name: `client${index + 1}`, link }))
        const { commands, hosts } = networkPlan({ processId, peers, congestionControl: 'reno' })
        const routes = commands.filter((command) => command.includes('route'))
        for (const { namespace } of hosts.values()) {
          const own = routes.filter((command) => command[2] === namespace)
          assert.equal(own.length, 1)
          assert.deepEqual(own[0]?.slice(-2), ['congctl', 'reno'])
        }
      })
    )
  })

  it('knows the namespaces of others from its own', () => {
    for (const name of [
      '',
      'potluck',
      'potluck-links-',
      'potluck-links-x-bridge',
      'potluck-links-12',
      'eth0'
    ]) {
      assert.equal(ownerOf(NAME_PREFIX, name), undefined)
    }
  })
})

describe('the rate of a transfer', () => {
  it('is found in even arrivals although the receiver did not look for a while', () => {
    const init = fc.record({
      bytesPerMs: fc.integer({ min: 1, max: 100_000 }),
      stallAtMs: fc.integer({ min: 0, max: 3000 }),
      // A fifth of the time: what arrives meanwhile is seen at its end, at once.
      stallMs: fc.integer({ min: 0, max: 600 })
    })
    fc.assert(
      fc.property(init, ({ bytesPerMs, stallAtMs, stallMs }) => {
        const times = Array.from({ length: 3000 }, (_, atMs) => atMs).filter(
          (atMs) => atMs < stallAtMs || atMs >= stallAtMs + stallMs
        )
        const arrivals = times.map((atMs) => ({ atMs, byteLength: atMs * bytesPerMs }))
        const found = steadyRate(arrivals) / 1000
        assert.ok(Math.abs(found / bytesPerMs - 1) < 0.01, `${found} instead of ${bytesPerMs}`)
      })
    )
  })

  it('of nothing is 0', () => {
    assert.equal(steadyRate([]), 0)
    assert.equal(steadyRate([{ atMs: 5, byteLength: 5 }]), 0)
  })
})
