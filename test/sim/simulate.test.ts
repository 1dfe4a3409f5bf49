import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PotluckError } from '#potluck/core/errors.js'
import { chosenScenarios, readScenario, scenarioNames } from '../../sim/command/scenario-files.js'
import { headingOf, rowOf } from '../../sim/command/simulate-table.js'
import { linksOf, scenarioProblem, scenarioSchema } from '../../sim/scenario.js'
import { Simulation } from '../../sim/simulation.js'

/** Enough to show how a scenario goes, and few enough to simulate quickly. */
const FILE_CHUNKS = 200

/** With so few chunks per file, the start and the end of a run weigh more. */
const MARGIN = 0.08

/** What is simulated here takes seconds; larger ones are for the command. */
const MAX_PEERS = 8

describe('scenarios', () => {
  it('can all be read, and have peers for what they speak of', async () => {
    const names = await scenarioNames()
    assert.ok(names.length >= 30)
    for (const name of names) {
      const { description } = await readScenario(name)
      assert.match(description, /\.$/, name)
    }
  })

  it('cover what is promised: two to a thousand peers', async () => {
    const sizes = new Set<number>()
    for (const name of await scenarioNames()) {
      sizes.add(linksOf(await readScenario(name)).length)
    }
    for (const size of [2, 4, 8, 16, 32, 64, 100, 250, 500, 1000]) {
      assert.ok(sizes.has(size), `${size} peers`)
    }
  })

  it('are chosen by name, all where none is given', async () => {
    assert.deepEqual(await chosenScenarios(undefined), await scenarioNames())
    assert.deepEqual(await chosenScenarios(['equal-2']), ['equal-2'])
    await assert.rejects(chosenScenarios(['equal-3']), (error: unknown) => {
      assert.ok(error instanceof PotluckError)
      assert.equal(error.code, 'CONFIGURATION')
      assert.match(error.message, /no scenario "equal-3": did you mean "equal-2"\?/)
      return true
    })
  })

  it('have no keys that mean nothing, and no peers that are not there', () => {
    const peers = [{ count: 2, uplink: 1, downlink: 1 }]
    const settings = { description: 'A test.', peers }
    assert.ok(scenarioSchema.safeParse(settings).success)
    assert.ok(!scenarioSchema.safeParse({ ...settings, rtt: 40 }).success)
    assert.ok(!scenarioSchema.safeParse({ ...settings, peers: [{ ...peers[0], up: 1 }] }).success)
    const death = { what: 'death' as const, atSeconds: 1, peer: 2 }
    const problem = scenarioProblem(scenarioSchema.parse({ ...settings, events: [death] }))
    assert.match(problem ?? '', /speaks of peer 2, and the last one is 1/)
    const alone = scenarioProblem(scenarioSchema.parse({ ...settings, peers: [{ uplink: 1, downlink: 1 }] }))
    assert.match(alone ?? '', /has 1 peers/)
  })
})

describe('simulated efficiency', async () => {
  for (const name of await scenarioNames()) {
    const given = await readScenario(name)
    const { expectedEfficiency = 0 } = given
    if (linksOf(given).length <= MAX_PEERS) {
      it(`of ${name} is within ${MARGIN} of ${expectedEfficiency}, in small`, () => {
        // Everything happens earlier where there is less to send.
        const scale = FILE_CHUNKS / given.fileChunks
        const events = given.events.map((event) => ({ ...event, atSeconds: event.atSeconds * scale }))
        const scenario = { ...given, fileChunks: FILE_CHUNKS, events }
        const { complete, efficiency } = new Simulation({ scenario, seed: 1, scheduler: 'potluck' }).run()
        assert.ok(complete)
        assert.ok(efficiency >= expectedEfficiency - MARGIN, `efficiency ${efficiency.toFixed(3)}`)
      })
    }
  }
})

describe('table of simulations', () => {
  it('has a row as wide as its heading for every run', async () => {
    const scenario = { ...(await readScenario('equal-2')), fileChunks: 4 }
    const result = new Simulation({ scenario, seed: 1, scheduler: 'owner' }).run()
    const names = ['equal-2', 'a-longer-name']
    const [heading = '', line = ''] = headingOf(names)
    const row = rowOf('equal-2', result, 0.1, names)
    assert.equal(row.length, heading.length)
    assert.equal(line, '-'.repeat(heading.length))
    assert.match(row, /^equal-2 .* owner .* origin /)
    assert.match(rowOf('equal-2', { ...result, complete: false }, 0.1, names), / never /)
  })
})
