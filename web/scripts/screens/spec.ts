import type { Page } from 'playwright-core'
import type { Me, OwnEvent, Problem } from '../../src/api'
import type { LobbyState } from '../../src/realtime/lobby'
import type { PushState } from '../../src/realtime/push'
import type { CallsState } from '../../src/voice/call-state'
import type { MicState } from '../../src/voice/mic'
import type { PublicListeningState } from '../../src/voice/publicListening'
import type { RoomState } from '../../src/voice/session'

export type Says = (key: string) => string

export type Scene = {
  path: string
  /** What GET /api/me answers: somebody, nobody, or nothing at all. */
  me?: Me | 'out' | 'offline'
  lobby?: LobbyState
  room?: RoomState
  /** The room was silenced by its person. */
  silenced?: true
  /** How the sound of a share page is. */
  sharing?: PublicListeningState
  calls?: Partial<CallsState>
  mic?: Omit<MicState, 'level'> & { loud: number }
  levels?: Record<string, number>
  /** Where the recorder stands. */
  recorder?: 'ready' | 'asking' | 'recording' | 'taken' | 'short' | 'denied'
  /** Where the recorder of a conversation goes when it is pressed. */
  note?: 'asking' | 'recording' | 'denied' | 'short'
  /**
   * Answers of other operations, by path, or by the beginning of one: "/api/rooms/*". A number is a
   * status of failure, 'never' no answer at all, 'lost' a line that is cut.
   */
  api?: Record<string, object | number | 'never' | 'lost' | { problem: number; code: string }>
  /** What the server tells this account a moment later. */
  events?: readonly OwnEvent[]
  /** Whether this browser gets pushes; none: it does not, and could. */
  push?: PushState
  /** What the player of recordings does when something is played. */
  clip?: { progress?: number; level?: number; problem?: Problem }
  /** What a person does before the picture; `says` finds words in the catalogue shown. */
  act?: (page: Page, says: Says) => Promise<void>
  /** Also with reduced motion. */
  calm?: true
}
