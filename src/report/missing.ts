/** What a report lacks because logs are missing, in sentences. Pure. */
import { printable } from '../core/names.ts'
import { named } from '../core/units.ts'
import type { RunRecords } from './choose-run.ts'

interface KnownPeer {
  name: string
  starts: readonly unknown[]
  transfers: unknown
}

export function missingOf({ coordinator, peers }: RunRecords, facts: readonly KnownPeer[]): string[] {
  const logged = namesOf(facts.filter(({ starts }) => starts.length > 0))
  const unlogged = namesOf(facts.filter(({ starts }) => starts.length === 0))
  const silent = namesOf(facts.filter(({ transfers }) => transfers === undefined))
  const record = coordinator?.record
  const sentences = [
    record === undefined &&
      `The coordinator's log was not read, so this report is made from the logs of ${logged}. It lacks refused peers, link capacities, and lost connections to the coordinator.`,
    record?.beginsInTheMiddle &&
      'The coordinator was restarted during the run, so this report lacks the events before that. They are in its log: make the report again from the logs.',
    logged === '' &&
      "No peer's log was read, so this report lacks how much the files' origins sent themselves, and faults that only peers see. To include them, name the peers' .jsonl files: node dist/coordinator.js report LOGS…",
    logged !== '' &&
      unlogged !== '' &&
      `No log of ${unlogged} was read, so this report lacks how much they received from the files' origins themselves, and faults that only they saw.`,
    silent !== '' &&
      `It is unknown which peers sent how much to ${silent}, and how long the chunks took${record === undefined ? '' : ': the coordinator received no such report, or its log ends before it'}.`,
    record !== undefined &&
      record.outcome === undefined &&
      peers.length === 0 &&
      "The coordinator's events end before the swarm does."
  ]
  return sentences.filter((sentence) => typeof sentence === 'string')
}

function namesOf(peers: readonly KnownPeer[]): string {
  return named(peers.map(({ name }) => printable(name)))
}
