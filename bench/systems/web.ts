/** Files over HTTP or HTTPS: an nginx at each peer serves its file, and each peer fetches the other files with curl. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PotluckError } from '#potluck/core/errors.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import { outputOf } from '../machine/commands.ts'
import { Crew, THIS_MACHINE } from '../machine/crew.ts'
import { freePort, loopbackAddress } from '../machine/ports.ts'
import type { Job, JobInit, JobNotes } from './job.ts'
import { copyPath, ENDS_WITH_BENCH, md5sum } from './md5sum.ts'
import { type NginxInit, nginxConfig } from './nginx-config.ts'

/** Debian's place; it is not in everyone's path. */
export const NGINX = '/usr/sbin/nginx'

/** A server listens some milliseconds after its start. */
const POLL_MS = 5
const MAX_POLLS = 1000

/** Longer than any benchmark. */
const CERTIFICATE_DAYS = '7'

export class WebJob implements Job {
  readonly #init: JobInit
  readonly #encrypted: boolean
  readonly #crew = new Crew(THIS_MACHINE)
  #port = 0

  constructor(init: JobInit, { encrypted }: { encrypted: boolean }) {
    this.#init = init
    this.#encrypted = encrypted
  }

  /** Makes certificates and configurations: the setup that is done once, and not for each transfer. */
  async prepare(): Promise<void> {
    this.#port = await freePort()
    for (const place of this.#init.places) {
      await mkdir(this.#folderOf(place), { recursive: true })
      if (this.#encrypted) {
        await makeCertificate(this.#folderOf(place), loopbackAddress(place.number))
      }
      await writeFile(this.#configOf(place), nginxConfig(this.#serverOf(place)))
    }
  }

  async run(): Promise<JobNotes> {
    const { places, signal } = this.#init
    await this.#crew.until(
      Promise.all([
        ...places.map((place) => this.#serve(place)),
        ...places.map(({ name, source }) => md5sum(this.#crew, name, source))
      ]),
      signal
    )
    const fetches = places.flatMap((place) =>
      places.filter((origin) => origin !== place).map((origin) => this.#fetch(place, origin))
    )
    await this.#crew.until(Promise.all(fetches), signal)
    return this.#encrypted ? { cipher: await this.#cipher() } : {}
  }

  async end(): Promise<void> {
    await this.#crew.end()
  }

  /** Resolves when it listens. */
  async #serve(place: NamedPlace): Promise<void> {
    this.#crew.start({ at: place.name, call: [...ENDS_WITH_BENCH, NGINX, '-c', this.#configOf(place)] })
    await listening(loopbackAddress(place.number), this.#port)
  }

  async #fetch(place: NamedPlace, origin: NamedPlace): Promise<void> {
    const path = copyPath(place, origin)
    const host = `${loopbackAddress(origin.number)}:${this.#port}`
    const trust = this.#encrypted ? ['--cacert', join(this.#folderOf(origin), 'certificate.pem')] : []
    const url = `${this.#encrypted ? 'https' : 'http'}://${host}/${origin.sourceName}`
    const flags = ['--silent', '--show-error', '--fail', '--create-dirs', '--noproxy', '*', ...trust]
    await this.#crew.finish({
      at: place.name,
      call: [...ENDS_WITH_BENCH, 'curl', ...flags, '--output', path, url]
    })
    await md5sum(this.#crew, place.name, path)
  }

  #serverOf(place: NamedPlace): NginxInit {
    const folder = this.#folderOf(place)
    const tls = {
      certificate: join(folder, 'certificate.pem'),
      key: join(folder, 'key.pem'),
      log: join(folder, 'ciphers.log')
    }
    const address = loopbackAddress(place.number)
    const server = { root: place.share, folder, address, port: this.#port }
    return this.#encrypted ? { ...server, tls } : server
  }

  #folderOf({ name }: NamedPlace): string {
    return join(this.#init.logs, name)
  }

  #configOf(place: NamedPlace): string {
    return join(this.#folderOf(place), 'nginx.conf')
  }

  /** All negotiated ones. */
  async #cipher(): Promise<string> {
    const ciphers = new Set<string>()
    for (const place of this.#init.places) {
      const log = await readFile(join(this.#folderOf(place), 'ciphers.log'), 'utf8')
      for (const line of log.trim().split('\n')) {
        ciphers.add(line)
      }
    }
    return [...ciphers].join(', ')
  }
}

/** A self-signed certificate for the address. */
async function makeCertificate(folder: string, address: string): Promise<void> {
  await outputOf([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'],
    ...['-days', CERTIFICATE_DAYS, '-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`],
    ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]
  ])
}

async function listening(address: string, port: number): Promise<void> {
  for (let poll = 1; poll <= MAX_POLLS; poll++) {
    if (await answers(address, port)) {
      return
    }
    await delay(POLL_MS)
  }
  throw new PotluckError('INCOMPLETE', `nginx does not listen on ${address}:${port}.`)
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
