/** The dashboard's page in a real browser, with real swarms, and with simulated ones that are large or hostile. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { browserProblem, launchBrowser } from '../../bench/machine/browser.js'
import { freePort } from '../../bench/machine/ports.js'
import { axeFindings, openPage, says, valueIn, withPageOf } from '../fixtures/browser.js'
import { bytesOf } from '../fixtures/bytes.js'
import { Workshop } from '../fixtures/processes.js'
import { TestSwarm } from '../fixtures/swarm.js'
import { SwarmStory } from '../fixtures/swarm-story.js'

const problem = browserProblem()
if (problem !== undefined) {
  process.stdout.write(`${problem}\n`)
}

const few = new SwarmStory({ peers: ['client1', 'client2', 'client3', 'client4'], files: 2 })
/** Names that fit nowhere. */
const long = new SwarmStory({
  peers: ['client2', 'a-peer-whose-name-is-as-long-as-the-name-of-a-peer-can-be-at-all', 'W'.repeat(64)],
  path: () => 'folders/in/folders/and/a-file-whose-name-goes-on-and-on-and-on-without-any-space-in-it.parquet'
})
const many = new SwarmStory({ peers: Array.from({ length: 64 }, (_, index) => `client${index + 1}`) })

describe('the dashboard in a browser', { skip: problem }, () => {
  let browser: Browser

  before(async () => {
    browser = await launchBrowser()
  })

  after(async () => {
    await browser.close()
  })

  it('shows a swarm from its start to its completion, names with markup in them as text', async () => {
    const names = ['&lt;b&gt;bold&lt;b&gt;', "an'&amp;", 'client3']
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3, dashboard: '127.0.0.1:0' })
      const serving = swarm.coordinatorEvents.find(({ event }) => event === 'serving')
      assert.ok(serving?.event === 'serving')
      const { page, outside, errors } = await openPage(browser, serving.url)
      await says(page, '#headline', /^Waiting for people: 0 of 3$/)
      const members = await Promise.all(
        names.map((name) => swarm.peer(name, { '&lt;i&gt;.bin': bytesOf(500_000, name) }))
      )
      await members[0]?.peer.start()
      await says(page, '#headline', /^Waiting for people: 1 of 3 \(/)
      await Promise.all(members.slice(1).map(({ peer }) => peer.start()))
      await says(page, '#headline', /^Complete: everyone has every file, exchanged in /)
      assert.deepEqual(await page.locator('#peer-rows th').allInnerTexts(), names.toSorted())
      assert.deepEqual(await page.locator('#peer-rows .percent').allInnerTexts(), ['100 %', '100 %', '100 %'])
      assert.deepEqual(
        await page.locator('#map-tables caption .name').allInnerTexts(),
        names.map((name) => `${name}/&lt;i&gt;.bin`).toSorted()
      )
      assert.equal(await page.locator('#map-tables .share').count(), 3)
      assert.equal(await page.locator('#map-tables tbody td.number', { hasText: '100 %' }).count(), 9)
      assert.equal(await page.locator('#progress').getAttribute('value'), '100')
      await says(page, '#log-lines', /an'&amp; received &lt;b&gt;bold&lt;b&gt;\/&lt;i&gt;\.bin/)
      await coordinator.stop()
      await says(page, '#connection', /^the coordinator has ended$/)
      await says(page, '#headline', /^Complete: /)
      assert.deepEqual([outside, errors], [[], []])
      await page.context().close()
    })
  })

  it('says when the coordinator is away, and shows the next one without being loaded again', async () => {
    await Workshop.run(async (workshop) => {
      const port = await freePort()
      const start = (peers: number) =>
        workshop.start(
          'coordinator.js',
          ...['--listen', '/ip4/127.0.0.1/tcp/0', '--dashboard', `127.0.0.1:${port}`],
          ...['--peers', String(peers), '--logs', 'logs', '--json']
        )
      const first = start(7)
      await first.told('serving')
      const { page, errors } = await openPage(browser, `http://127.0.0.1:${port}/`)
      await says(page, '#headline', /^Waiting for people: 0 of 7$/)
      await says(page, '#connection', /^live$/)
      const { multiaddrs } = await first.told('started')
      workshop.peer('ann', String(Array.isArray(multiaddrs) ? multiaddrs[0] : ''))
      await says(page, '#peer-rows', /ann/)
      await page.evaluate('globalThis.loadedOnce = true')
      first.child.kill('SIGKILL')
      await says(page, '#connection', /^not connected; tries again$/)
      await says(page, '#headline', /^Waiting for people: 1 of 7 \(ann\)$/)
      await start(5).told('serving')
      await says(page, '#headline', /^Waiting for people: 0 of 5$/)
      await says(page, '#connection', /^live$/)
      assert.equal(await page.locator('#peer-rows tr').count(), 0, 'nothing of the last swarm')
      assert.equal(await valueIn(page, 'globalThis.loadedOnce'), true)
      assert.deepEqual(errors, [])
      await page.context().close()
    })
  })

  it('fault 37, fault 39: shows hostile text as text, wherever it comes', async () => {
    const markup = '<img src=x onerror=alert(1)>'
    const hostile = new SwarmStory({
      peers: [markup, '"><script>alert(2)</script>', "'onmouseover='alert(3)"],
      path: () => `${markup}&quot;`
    })
    await withPageOf(async (tell, url) => {
      tell(...hostile.beginning(), ...hostile.moment(2000, 0.2))
      tell({ event: 'warning', atMs: 2000, peer: markup, message: markup })
      const { page, outside, errors } = await openPage(browser, url)
      await says(page, '#headline', /^Exchanging/)
      const places = ['#peer-rows', '#circle', '#map-tables', '#log-lines', '#flow-rows', '#stall-list']
      for (const [index, selector] of places.entries()) {
        // Repeated for each one, because flows cover the last seconds only.
        const atMs = 3000 + 500 * index
        tell(...hostile.moment(atMs, 0.3 + 0.05 * index))
        tell({ event: 'peer-lost', atMs, peer: markup, message: markup })
        await says(page, selector, /<img src=x onerror=alert\(1\)/)
      }
      await page.locator('#flows-kind').selectOption('matrix')
      await page.locator('#maps-choice').selectOption('overview')
      await page.locator('#curves-kind').selectOption('sending')
      await says(page, '#curves-legend', /<script>/)
      assert.equal(await page.locator('img').count(), 1, 'its own picture only')
      assert.equal(await page.locator('script').count(), 1)
      assert.deepEqual([outside, errors], [[], []])
      await page.context().close()
    })
  })

  it('tells what stands still, and no longer when it goes on', async () => {
    await withPageOf(async (tell, url) => {
      tell(...few.beginning(), ...few.moment(2000, 0.5))
      const { page } = await openPage(browser, url)
      await says(page, '#headline', /^Exchanging/)
      assert.equal(await page.locator('#stalls').isVisible(), false)
      tell({ event: 'peer-lost', atMs: 2500, peer: 'client2', message: 'gone' })
      await says(page, '#stall-list', /^client2 is not connected\.$/)
      assert.equal(await page.locator('#stalls').isVisible(), true)
      tell(...few.moment(3000, 0.6))
      await says(page, '#stall-list', /^$/)
      assert.equal(await page.locator('#stalls').isVisible(), false)
      await page.context().close()
    })
  })

  // Each colour scheme and each width at least once; all four of them where the page has most of its parts.
  const FOUR_LOOKS = [
    ['light', 360],
    ['light', 1280],
    ['dark', 360],
    ['dark', 1280]
  ] as const
  for (const [what, story, looks] of [
    ['4 peers', few, FOUR_LOOKS],
    ['long names', long, [FOUR_LOOKS[1], FOUR_LOOKS[2]]],
    ['64 peers', many, [FOUR_LOOKS[0], FOUR_LOOKS[3]]]
  ] as const) {
    it(`has nothing wrong for axe, and no sideways scrolling, dark and light, narrow and wide: ${what}`, async () => {
      await withPageOf(async (tell, url) => {
        tell(...story.beginning(), ...story.moment(2000, 0.3))
        tell({ event: 'peer-lost', atMs: 2500, peer: 'client2', message: 'gone' })
        const { page } = await openPage(browser, url)
        await says(page, '#headline', /^Exchanging/)
        for (const [colorScheme, width] of looks) {
          await page.setViewportSize({ width, height: 800 })
          await page.emulateMedia({ colorScheme })
          const where = `${colorScheme}, ${width} px`
          assert.equal(
            await valueIn(page, `matchMedia('(prefers-color-scheme: ${colorScheme})').matches`),
            true
          )
          assert.deepEqual(await axeFindings(page), [], where)
          assert.equal(await valueIn(page, 'document.documentElement.scrollWidth'), width, where)
        }
        await page.context().close()
      })
    })
  }

  it('ends below its last line, however much is scrolled within it', async () => {
    await withPageOf(async (tell, url) => {
      tell(...few.beginning(), ...few.moment(2000, 0.3))
      for (let number = 0; number < 150; number++) {
        tell({ event: 'warning', atMs: 2500 + number, peer: 'coordinator', message: `something ${number}` })
      }
      const { page } = await openPage(browser, url, { width: 360 })
      await says(page, '#headline', /^Exchanging/)
      const below = 'document.documentElement.scrollHeight - document.querySelector("footer").offsetTop'
      assert.ok(Number(await valueIn(page, below)) < 200)
      await page.context().close()
    })
  })

  it('shows 64 peers as a matrix and files as an overview, and one of them on demand', async (t) => {
    await withPageOf(async (tell, url) => {
      tell(...many.beginning(), ...many.moment(2000, 0.1))
      const { page, errors } = await openPage(browser, url)
      await says(page, '#headline', /^Exchanging/)
      assert.equal(await page.locator('#peer-rows tr').count(), 64)
      assert.deepEqual(
        [await page.locator('#circle').isVisible(), await page.locator('#matrix').isVisible()],
        [false, true]
      )
      assert.equal(await page.locator('#map-overview').isVisible(), true)
      tell(...many.moment(3000, 0.5))
      await says(page, '#flows-note', /^4032 flows, the largest client/)
      await says(page, '#headline', /^Exchanging: 50 %/)
      const drawn = await valueIn<number>(page, "performance.getEntriesByName('drawn').at(-1).duration")
      t.diagnostic(`drawn in ${drawn.toFixed(1)} ms`)
      await page.locator('#maps-choice').selectOption({ label: 'client7' })
      assert.equal(await page.locator('#map-tables tbody tr').count(), 64)
      await page.locator('#maps-choice').selectOption({ label: 'client7/file-1' })
      assert.deepEqual(await page.locator('#map-tables caption .name').allInnerTexts(), ['client7/file-1'])
      await page.locator('#peers-order').selectOption('behind')
      await page.locator('#flows-kind').selectOption('circle')
      assert.equal(await page.locator('#circle').isVisible(), true)
      assert.deepEqual(errors, [])
      await page.context().close()
    })
  })

  for (const [peers, files] of [
    [3, 300],
    [60, 2],
    [200, 1]
  ] as const) {
    it(`keeps the overview of ${peers} peers and ${peers * files} files within its card`, async () => {
      const story = new SwarmStory({ peers: Array.from({ length: peers }, (_, index) => `p${index}`), files })
      await withPageOf(async (tell, url) => {
        tell(...story.beginning(), ...story.moment(2000, 0.4))
        const { page, errors } = await openPage(browser, url)
        await says(page, '#headline', /^Exchanging/)
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 })
          const [card, grid] = await Promise.all([
            page.locator('.card.maps').boundingBox(),
            page.locator('#overview .cells').boundingBox()
          ])
          assert.ok(card !== null && grid !== null)
          const where = `${width} px: ${JSON.stringify({ card, grid })}`
          assert.ok(grid.x >= card.x && grid.x + grid.width <= card.x + card.width, where)
          assert.ok(grid.y >= card.y && grid.y + grid.height <= card.y + card.height - 20, where)
          assert.ok(grid.height >= 18, where)
        }
        assert.deepEqual(await page.locator('#map-overview .legend li').allInnerTexts(), [
          'nothing',
          'a part',
          'the whole file'
        ])
        await page.locator('#overview .cells').focus()
        await says(page, '#overview-note', /^p0 has 100 % of p0\/file-1 \(/)
        await page.keyboard.press('ArrowDown')
        await says(page, '#overview-note', /^p1 has 40 % of p0\/file-1 \(/)
        await page.locator('#overview .cells').hover({ position: { x: 2, y: 2 } })
        await says(page, '#overview-note', /^p0 has 100 % of p0\/file-\d+ \(/)
        assert.deepEqual(errors, [])
        await page.context().close()
      })
    })
  }

  it('leaves the rows of peers as high as they are, whatever comes or stands beside', async () => {
    await withPageOf(async (tell, url) => {
      tell(...few.beginning())
      const { page } = await openPage(browser, url)
      await says(page, '#headline', /^Exchanging/)
      const heights = async (): Promise<number[]> =>
        await valueIn(page, "[...document.querySelectorAll('#peer-rows tr')].map((row) => row.offsetHeight)")
      const before = await heights()
      assert.equal(new Set(before).size, 1)
      tell(...few.moment(2000, 0.3), ...few.moment(3000, 0.4))
      await says(page, '#peer-rows', /client2\s+[\d.]+ [KM]iB\/s/)
      assert.deepEqual(await heights(), before)
      await page.locator('summary').click()
      assert.deepEqual(await heights(), before)
      const cut = await valueIn<string[]>(
        page,
        `[...document.querySelectorAll('#peer-rows .name')].filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent)`
      )
      assert.deepEqual(cut, [], 'cut at 1280 px')
      await page.context().close()
    })
  })

  it('is gone through by keyboard, and shows where one is', async () => {
    await withPageOf(async (tell, url) => {
      tell(...few.beginning(), ...few.moment(2000, 0.3))
      const { page } = await openPage(browser, url)
      await says(page, '#headline', /^Exchanging/)
      await page.keyboard.press('Tab')
      assert.equal(await focused(page), 'Skip to the state')
      await page.keyboard.press('Enter')
      const seen: string[] = []
      for (let step = 0; step < 11; step++) {
        await page.keyboard.press('Tab')
        seen.push(await focused(page))
        if (seen.at(-1) !== 'document') {
          const outline = await valueIn(page, 'getComputedStyle(document.activeElement).outlineStyle')
          assert.notEqual(outline, 'none', seen.at(-1))
        }
      }
      assert.deepEqual(seen, [
        ...['peers-order', 'The table of peers', 'flows-kind', 'As a table', 'maps-choice', 'curves-kind'],
        ...['log-subject', 'log-words', 'The lines of the log', 'document', 'Skip to the state']
      ])
      await page.locator('#log-subject').focus()
      await page.keyboard.type('tr')
      await says(page, '#log-none', /^No event fits/)
      await page.locator('summary').focus()
      await page.keyboard.press('Enter')
      assert.equal(await page.locator('#flow-rows tr').count(), 0)
      await page.context().close()
    })
  })

  it('says to a screen reader what matters, at whole steps', async () => {
    await withPageOf(async (tell, url) => {
      tell(...few.beginning())
      const { page } = await openPage(browser, url)
      await says(page, '#announcement', /^Exchanging: 0 %$/)
      tell(...few.moment(2000, 0.05))
      await says(page, '#headline', /^Exchanging: 5 %/)
      assert.match((await page.locator('#announcement').textContent()) ?? '', /0 %/)
      tell(...few.moment(3000, 0.2))
      await says(page, '#announcement', /^Exchanging: 20 %/)
      tell(...few.end(9000))
      await says(page, '#announcement', /^Complete: /)
      await page.context().close()
    })
  })
})

/** What has the focus: its id, its label, or its text. */
async function focused(page: Page): Promise<string> {
  return await valueIn(
    page,
    `(({ id, ariaLabel, textContent, tagName }) => tagName === 'BODY' ? 'document' : id || ariaLabel || textContent)(document.activeElement)`
  )
}
