/** Which peers are connected with the coordinator, and what is sent to all of them. */
import {
  type CoordinatorMessage,
  type CoordinatorSession,
  manifestPages,
  SILENCE_TIMEOUT_MS
} from '../protocols/coordination/index.ts'
import type { SignedManifest } from '../protocols/manifest/index.ts'
import type { RosterMember } from './swarm/roster.ts'

/** How long to wait for a peer that learns that the coordinator stops. */
const LEAVE_TIMEOUT_MS = 500

/** A session from its join on. */
export interface Attendance {
  session: CoordinatorSession
  member: RosterMember
  /** Manifests that arrived in pages of a list that is not closed yet. */
  pages: SignedManifest[]
  /** How many entries of the catalog it reported that it has. */
  completions: number
  /** When its last message arrived; swarm clock. */
  heardAtMs: number
}

export class Attendances {
  /** Of members, and of peers that have not joined yet. */
  readonly sessions = new Set<CoordinatorSession>()
  /** One for each member that is connected, by its PeerId. */
  readonly #attendances = new Map<string, Attendance>()

  get count(): number {
    return this.#attendances.size
  }

  /** A member has joined; its earlier session ends. */
  enter(session: CoordinatorSession, member: RosterMember, atMs: number): Attendance {
    this.#attendances.get(member.peerId)?.session.abort(new Error('the peer came back on another connection'))
    const attendance: Attendance = { session, member, pages: [], completions: 0, heardAtMs: atMs }
    this.#attendances.set(member.peerId, attendance)
    return attendance
  }

  /** @returns whether its member is gone with it, and has not returned on another connection */
  leave(attendance: Attendance): boolean {
    const { peerId } = attendance.member
    return this.#attendances.get(peerId) === attendance && this.#attendances.delete(peerId)
  }

  broadcast(message: Partial<CoordinatorMessage>): void {
    for (const { session } of this.#attendances.values()) {
      session.send(message).catch((error: Error) => session.abort(error))
    }
  }

  broadcastCatalog(catalog: readonly SignedManifest[]): void {
    for (const { session } of this.#attendances.values()) {
      sendCatalog(session, catalog)
    }
  }

  /** The coordinator could not receive anything until now. */
  onAwake(nowMs: number): void {
    for (const attendance of this.#attendances.values()) {
      attendance.heardAtMs = nowMs
    }
  }

  hangUpOnTheSilent(nowMs: number): void {
    for (const { session, heardAtMs } of this.#attendances.values()) {
      if (nowMs - heardAtMs > SILENCE_TIMEOUT_MS) {
        session.hangUp(new Error(`it sent nothing for ${SILENCE_TIMEOUT_MS / 1000} s`))
      }
    }
  }

  /** Ends all sessions. @param reason sent to each, unless it knows */
  async close(reason: string | undefined): Promise<void> {
    await Promise.all(
      [...this.sessions].map(async (session) => {
        if (reason !== undefined) {
          const signal = AbortSignal.timeout(LEAVE_TIMEOUT_MS)
          await session.send({ leave: { reason } }, signal).catch(() => undefined)
        }
        await session.close()
      })
    )
  }
}

export function sendCatalog(session: CoordinatorSession, catalog: readonly SignedManifest[]): void {
  const send = async (): Promise<void> => {
    for (const page of manifestPages(catalog)) {
      await session.send({ catalog: page })
    }
  }
  send().catch((error: Error) => session.abort(error))
}
