import type { Room } from '../api/types'
import { applyEvent, newer, type RoomEvent } from './room'

export interface FeedEdge {
  /** Reads the room as it is now. Rejecting is answered with another try after a pause. */
  read(): Promise<Room>
  later(fn: () => void, ms: number): () => void
}

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 8000

/**
 * Keeps one room's snapshot true to the events about it. Events that do not follow the snapshot are
 * kept aside while the room is read again, and what they add to the answer is applied afterwards.
 */
export class RoomFeed {
  #room: Room
  #waiting: RoomEvent[] = []
  #reading = false
  #again = false
  #pause = FIRST_PAUSE
  #cancel: (() => void) | undefined
  #closed = false

  constructor(
    room: Room,
    private readonly self: string,
    private readonly edge: FeedEdge,
    private readonly onChange: (room: Room, event?: RoomEvent) => void,
    private readonly onFailure: (thrown: unknown) => void = () => {},
  ) {
    this.#room = room
  }

  get room(): Room {
    return this.#room
  }

  event(event: RoomEvent): void {
    if (this.#closed) return
    if (this.#reading || this.#cancel) {
      this.#waiting.push(event)
      return
    }
    this.#take(event)
  }

  /** A snapshot from elsewhere: the answer to a command, or to joining again. */
  snapshot(room: Room): void {
    if (this.#closed || room.id !== this.#room.id) return
    const next = newer(this.#room, room)
    if (next !== this.#room) {
      this.#room = next
      this.onChange(next)
    }
  }

  /** Reads the room again; asked while reading, it reads once more, for the answer may be too old. */
  refetch(): void {
    if (this.#closed) return
    if (this.#reading) {
      this.#again = true
      return
    }
    this.#cancel?.()
    this.#cancel = undefined
    this.#reading = true
    this.edge.read().then(
      (room) => {
        this.#reading = false
        if (this.#closed) return
        this.#pause = FIRST_PAUSE
        this.snapshot(room)
        if (this.#again) {
          this.#again = false
          this.refetch()
          return
        }
        this.#drain()
      },
      (thrown: unknown) => {
        this.#reading = false
        this.#again = false
        if (this.#closed) return
        this.onFailure(thrown)
        if (this.#closed) return
        this.#cancel = this.edge.later(() => {
          this.#cancel = undefined
          this.refetch()
        }, this.#pause)
        this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE)
      },
    )
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting = []
  }

  #take(event: RoomEvent): void {
    const applied = applyEvent(this.#room, event, this.self)
    if (applied.kind === 'applied') {
      this.#room = applied.room
      this.onChange(applied.room, event)
    } else if (applied.kind === 'gap') {
      this.#waiting.push(event)
      this.refetch()
    }
  }

  #drain(): void {
    const waiting = this.#waiting.sort((a, b) => a.seq - b.seq)
    this.#waiting = []
    for (const event of waiting) {
      if (this.#closed) return
      // A gap found on the way reads again; what is left waits for that answer.
      if (this.#reading) this.#waiting.push(event)
      else this.#take(event)
    }
  }
}
