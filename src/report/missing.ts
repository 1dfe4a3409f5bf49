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
      `The coordinator's log was not read: this is what ${logged} tell. Who was refused, what each line carries, and who lost its connection to the coordinator is not in it.`,
    record?.beginsInTheMiddle &&
      'The coordinator was started again in the middle of the run, and what it saw before is not in this report. Its log has it: make the report anew from the logs.',
    logged === '' &&
      "No log of a peer was read: how much came from the files' origins themselves, and faults that only peers see, are not in this report. To have them, make it anew with the peers' .jsonl files: node dist/coordinator.js report LOGS…",
    logged !== '' &&
      unlogged !== '' &&
      `Of ${unlogged} no log was read: how much came to them from the files' origins themselves, and faults that only they saw, are not in this report.`,
    silent !== '' &&
      `What was sent to ${silent}, by whom and how long chunks took is not known${record === undefined ? '' : ': nothing of it was told to the coordinator, or its log ends before that'}.`,
    record !== undefined &&
      record.outcome === undefined &&
      peers.length === 0 &&
      'What is known of the coordinator ends before the swarm does.'
  ]
  return sentences.filter((sentence) => typeof sentence === 'string')
}

function namesOf(peers: readonly KnownPeer[]): string {
  return named(peers.map(({ name }) => printable(name)))
}
