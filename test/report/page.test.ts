/** `report.html`: what others chose stays text, nothing is fetched, and large swarms stay readable. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { CoordinatorEvent } from '#potluck/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { html } from '#potluck/report/html/markup.js'
import { reportPage } from '#potluck/report/html/page.js'
import { ticksOf, tickText } from '#potluck/report/html/scales.js'
import { ratesOf } from '#potluck/view/curves.js'
import { coordinatorEvents, liveRun, MIB, type SmallRun } from '../fixtures/report-events.js'

/** Each would end a text, an attribute, a comment or a script, or reverse the following text. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(2)>',
  "' onmouseover='alert(3)",
  '</script><script>alert(4)</script>',
  '</style><style>*{display:none}',
  '-->&lt;b&gt;&#60;',
  '\u202ednats\u0000\u001b[2J\u2028'
]

function pageOf(run: SmallRun): string {
  return reportPage(buildReport(liveRun(coordinatorEvents(run)), 0))
}

/** Every tag of the page with its attributes, as `name attribute="…"`. */
function tagsOf(page: string): string[] {
  return [...page.matchAll(/<([a-zA-Z!/][^>]*)>/g)].map(([, tag = '']) => tag)
}

/** The page's own tags and attributes: the shown texts may add no others. */
const TAGS =
  /^\/?(?:!doctype|html|head|meta|title|link|style|body|header|main|footer|section|h[12]|p|dl|dt|dd|div|span|small|b|em|svg|path|line|rect|circle|text|table|caption|colgroup|thead|tbody|tfoot|tr|th|td)(?: [\w-]+="[^"]*"| html)*\/?$/

describe('report.html', () => {
  it('fault 37: shows hostile names, paths and messages as text', () => {
    const further: CoordinatorEvent[] = HOSTILE.map((text, index) => ({
      event: 'refused',
      atMs: 3000 + index,
      peer: text,
      peerId: text,
      code: text,
      message: text
    }))
    const bound = {
      boundMs: 1000,
      term: 'origin',
      boundPeer: HOSTILE[0] ?? '',
      boundBytesPerSecond: 1,
      basis: 'measured'
    } as const
    const hostile = pageOf({
      names: HOSTILE,
      further: [...further, { event: 'bound', atMs: 4000, peer: '', ...bound, capacities: [] }]
    })
    const plain = pageOf({ names: HOSTILE.map((_, index) => `peer${index}`) })
    assert.deepEqual(
      tagsOf(hostile).filter((tag) => !TAGS.test(tag)),
      []
    )
    assert.doesNotMatch(hostile, /<(?:img|script)\b/i)
    assert.equal(hostile.split('<style>').length, 2)
    for (const attribute of ['onerror', 'onload', 'onmouseover']) {
      assert.ok(
        !tagsOf(hostile).some((tag) =>
          new RegExp(`\\s${attribute}\\s*=`).test(tag.replaceAll(/"[^"]*"/g, '""'))
        )
      )
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is looked for
    assert.doesNotMatch(hostile, /[\u202e\u0000\u001b\u2028]/)
    assert.match(hostile, /&lt;img src=x onerror=alert\(1\)&gt;/)
    assert.match(hostile, /&lt;\/script&gt;&lt;script&gt;alert\(4\)/)
    assert.equal(tagsOf(plain).filter((tag) => !TAGS.test(tag)).length, 0)
  })

  it('asks nobody for anything, and has a policy that would not let it', () => {
    const page = pageOf({ names: ['ann', 'ben'] })
    assert.doesNotMatch(page, /https?:|\/\/[a-z]|@import|url\(/i)
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.match(policy, /^default-src 'none';/)
    assert.ok(policy.includes(`style-src 'sha256-${hash}';`), 'its own style is the only one')
    assert.doesNotMatch(page, / style="/, 'which the policy would not let in')
    assert.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style>'))
  })

  it('says in words and tables what its graphics show', () => {
    const page = pageOf({ names: ['ann', 'ben'], completedAtMs: [9000, 12_000] })
    assert.match(page, /<title>Complete: exchanged in 10\.0 s – Potluck<\/title>/)
    assert.equal(page.match(/<table/g)?.length, page.match(/<caption>/g)?.length)
    for (const [cell] of page.matchAll(/<th(?: [^>]*)?>/g)) {
      assert.match(cell, /scope="(?:row|col|colgroup)"/)
    }
    const pictures = [...page.matchAll(/<svg [^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => !tag.includes('viewBox'))
    for (const picture of pictures) {
      assert.match(picture, /role="img" aria-label="[^"]+"|aria-hidden="true"/)
    }
    assert.match(
      page,
      /aria-label="ann: receives up to 14\.3 MiB\/s, sends up to 14\.3 MiB\/s; complete 8\.0 s after/
    )
  })

  it('tells first who brought what, that all is verified, and how long it took', () => {
    const page = pageOf({ names: ['ann', 'ben'], completedAtMs: [9000, 12_000] })
    const text = page.replace(/<style>[\s\S]*<\/style>/, '')
    const places = [
      'have everything',
      'all 2 copies',
      'Who brought what',
      'What limited the run',
      'passed between peers<'
    ]
    assert.deepEqual(
      places.map((place) => text.indexOf(place)).toSorted((a, b) => a - b),
      places.map((place) => text.indexOf(place))
    )
    assert.ok(text.indexOf('have everything') > 0)
    assert.match(text, /<dt>exchange took<\/dt><dd>10\.0 s<small>after 1\.0 s of waiting for people<\/small>/)
    assert.match(
      text,
      /ann<\/span><\/th><td>1 file<\/td><td>100\.0 MiB<\/td><td>100\.0 MiB<\/td><td class="text">has everything, after 8\.0 s/
    )
  })

  it('leaves the columns where they are, whatever files are called', () => {
    const name = 'a-very-long-name'.repeat(4)
    const page = pageOf({ names: [name, 'ben'] })
    const [, title = '', shown = ''] = /<span class="long" title="([^"]*\.bin)">([^<]*)</.exec(page) ?? []
    assert.equal(title, `${name}/${name}.bin`)
    assert.match(shown, /^a-very-long-name.*….*name\.bin$/)
    assert.equal([...shown].length, 64)
  })

  it('names the peers without whose files the swarm started', () => {
    const without = /The swarm started without the files of (.*), because the coordinator received no valid/
    for (const end of ['complete', 'incomplete'] as const) {
      const run = liveRun(coordinatorEvents({ names: ['ann', 'ben'], end, leftOut: ['eve', '<i>fay'] }))
      const report = buildReport(run, 0)
      assert.deepEqual(report.run.withoutFilesOf, ['eve', '<i>fay'])
      assert.equal(without.exec(reportPage(report))?.[1], 'eve, &lt;i&gt;fay')
    }
    assert.doesNotMatch(pageOf({ names: ['ann'] }), /without the files of/)
  })

  it('of a small swarm has the figures in the matrix, of a large one in titles', () => {
    const small = pageOf({ names: ['ann', 'ben'] })
    assert.match(small, /<td class="s8" title="ann to ben: 100\.0 MiB">100\.0<\/td>/)
    const names = Array.from({ length: 64 }, (_, index) => `peer${index}`)
    const large = pageOf({ names })
    assert.match(large, /<td class="s8" title="peer0 to peer1: 100\.0 MiB"><\/td>/)
    assert.equal(large.match(/class="s8"/g)?.length, 64 * 63)
    assert.ok(large.length < 2 * MIB)
  })

  it('stays bounded with as many peers as a swarm may have', () => {
    const names = Array.from({ length: 300 }, (_, index) => `peer${index}`)
    const page = pageOf({ names })
    assert.equal(page.match(/class="s8"/g)?.length, 64 * 63)
    assert.match(page, /Shown are the 64 peers that moved most; report\.json has the other 236 peers as well/)
    assert.ok(page.length < 4 * MIB)
  })
})

describe('markup', () => {
  it('fault 37: escapes what is put in, unless it was made by it', () => {
    const made = html`<b title="${'"'}">${'a<b'}</b>`
    assert.equal(html`${made}${undefined}${[1, '&', [made]]}`.text, `${made.text}1&amp;${made.text}`)
    assert.equal(made.text, '<b title="&quot;">a&lt;b</b>')
    assert.equal(html`${"it's"}`.text, 'it&#39;s')
    assert.equal(html`${'a\u202eb\u0000'}`.text, 'a\\u{202e}b\\u{0}')
  })
})

describe('curves and axes', () => {
  it('have the rate of what passed in the window around each time', () => {
    const sums = { atMs: [1000, 2000, 3000, 4000], sums: [0, 1000, 1000, 4000] }
    assert.deepEqual(
      ratesOf(sums, [0, 1000, 1500, 2000, 3500, 4000, 5000], 1000),
      [0, 1000, 1000, 500, 3000, 3000, 0]
    )
  })

  it('of a peer that counts from 0 again never fall below 0', () => {
    const sums = { atMs: [0, 1000, 2000], sums: [0, 5000, 100] }
    assert.deepEqual(ratesOf(sums, [500, 1500], 1000), [5000, 0])
  })

  it('are marked at round times, not too many', () => {
    for (const lengthMs of [3, 90, 950, 5900, 52_000, 600_000, 5 * 3_600_000, 40 * 86_400_000]) {
      const ticks = ticksOf(lengthMs)
      assert.ok(ticks.length >= 2 && ticks.length <= 8, `${lengthMs}: ${ticks.length}`)
    }
    assert.deepEqual(ticksOf(5900).map(tickText), ['0', '1 s', '2 s', '3 s', '4 s', '5 s'])
    assert.deepEqual(ticksOf(5 * 3_600_000).map(tickText), ['0', '1 h', '2 h', '3 h', '4 h', '5 h'])
  })
})
