/** The scenarios in bench/scenarios, by the names of their files. */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { loadConfig } from '#potluck/cli/config-file.js'
import { nearest } from '#potluck/cli/nearest.js'
import { messageOf, PotluckError } from '#potluck/core/errors.js'
import { printable } from '#potluck/core/names.js'
import { PACKAGE_FOLDER } from '#potluck/package.js'
import { type Scenario, scenarioProblem, scenarioSchema } from '../scenario.ts'

const SCENARIO_FOLDER = join(PACKAGE_FOLDER, 'bench', 'scenarios')

const EXTENSION = '.json'

/** The names of all scenarios, those with few peers first: in alphabetical order, numbers as numbers. */
export async function scenarioNames(): Promise<string[]> {
  try {
    const files = await readdir(SCENARIO_FOLDER)
    return files
      .filter((file) => file.endsWith(EXTENSION))
      .map((file) => basename(file, EXTENSION))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
  } catch (error) {
    throw new PotluckError(
      'CONFIGURATION',
      `The scenarios in ${SCENARIO_FOLDER} cannot be read: ${messageOf(error)}. They come with the sources of this project; run it there.`,
      { cause: error }
    )
  }
}

/**
 * The names of the scenarios to run: all of them if none is given. @throws PotluckError CONFIGURATION for an unknown
 * one
 */
export async function chosenScenarios(given: readonly string[] | undefined): Promise<string[]> {
  const names = await scenarioNames()
  for (const name of given ?? []) {
    if (!names.includes(name)) {
      const suggestion = nearest(name, names)
      const hint = suggestion === undefined ? '--list names them all' : `did you mean "${suggestion}"?`
      throw new PotluckError('CONFIGURATION', `There is no scenario "${printable(name)}": ${hint}`)
    }
  }
  return given === undefined ? names : [...given]
}

/** @throws PotluckError CONFIGURATION with the mistake in its file */
export async function readScenario(name: string): Promise<Scenario> {
  const file = join(SCENARIO_FOLDER, `${name}${EXTENSION}`)
  const scenario = await loadConfig(scenarioSchema, { file, flags: {}, pathKeys: [] })
  const problem = scenarioProblem(scenario)
  if (problem !== undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `The scenario "${name}" cannot be run: ${problem}. Correct ${file}.`
    )
  }
  return scenario
}
