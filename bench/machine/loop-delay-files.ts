/**
 * The files in which processes report the delays of their event loops (loop-delay-probe.ts), in a folder of the run.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { LoopDelay } from './loop-delay.ts'

const loopDelaySchema = z.object({ p99Ms: z.number(), maxMs: z.number() })

/** With these options Node.js measures the process that it runs. The folder must exist. */
export function probeOptions(folder: string): string[] {
  const probe = new URL('./loop-delay-probe.js', import.meta.url)
  probe.searchParams.set('folder', folder)
  return ['--import', probe.href]
}

/** The reports of all processes that have ended. */
export async function readLoopDelays(folder: string): Promise<LoopDelay[]> {
  const names = await readdir(folder)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => loopDelaySchema.parse(JSON.parse(text)))
}
