import { type Member, Problem, type Room } from '../api'
import { RoomFeed } from '../realtime/feed'
import type { RoomEvent } from '../realtime/room'
import type { Edge } from './edge'
import type { Closed, Line, LineEvent } from './line'
import { Microphone } from './microphone'
import type { Connection, EndedWhy, RoomState } from './state'

/** Pauses before joining anew after the line was lost; the last one repeats while the room is open. */
const REJOIN_PAUSES_MS = [0, 300, 700, 1500, 2500, 4000]
/** After so many failed tries we no longer say "in a moment". */
const LOST_AFTER = 4

type Live = Extract<RoomState, { status: 'live' }>

/**
 * One person's stay in one room, from pressing join to the last word. It owns the line, the
 * microphone and the snapshot, and tells the session what to show. Whatever arrives after the end
 * is ignored.
 */
export class Stay {
  #feed: RoomFeed | undefined
  #you: Member | undefined
  #line: Line | undefined
  /** Counts lines, so that a late word of an older one is not taken for the current one's. */
  #lineNo = 0
  #connection: Connection = 'connecting'
  #over = false
  #failures = 0
  #rejoining = false
  #cancelRejoin: (() => void) | undefined
  #undo: (() => void)[] = []
  #unlisten: (() => void) | undefined
  readonly #mic: Microphone

  constructor(
    readonly roomId: string,
    private readonly edge: Edge,
    private readonly show: (state: RoomState) => void,
  ) {
    this.#mic = new Microphone(roomId, edge, {
      changed: () => this.#show(),
      answered: (room) => this.#feed?.snapshot(room),
    })
    this.#undo.push(
      edge.playback.state.subscribe(() => this.#show()),
      edge.onOnline(() => this.#online()),
    )
  }

  async enter(): Promise<void> {
    this.show({ status: 'joining', roomId: this.roomId })
    try {
      await this.#admit()
    } catch (thrown) {
      if (this.#over) return
      const problem = Problem.of(thrown)
      const why = endOf(problem)
      if (why) this.finish(why)
      else {
        this.close()
        this.show({ status: 'failed', roomId: this.roomId, problem })
      }
    }
  }

  get microphone(): Microphone {
    return this.#mic
  }

  /** An answer to a command about this room. */
  answered(room: Room): void {
    this.#feed?.snapshot(room)
  }

  refetch(): void {
    this.#feed?.refetch()
  }

  /** Shows the end, and lets go of everything. */
  finish(why: EndedWhy): void {
    if (this.#over) return
    const room = this.#feed?.room
    this.close()
    this.show({ status: 'ended', roomId: this.roomId, why, ...(room ? { room } : {}) })
  }

  /** Lets go of everything without a word. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelRejoin?.()
    this.#unlisten?.()
    for (const undo of this.#undo) undo()
    this.#feed?.close()
    this.#dropLine()
    this.#mic.release()
    this.edge.playback.clear()
  }

  /** Asks to be let in, and opens the line. Rejects if the server says no; a failing line is retried. */
  async #admit(): Promise<void> {
    // Loading the library takes as long as the answer: both at once.
    const loading = this.edge.media()
    loading.catch(() => undefined)
    const { room, media } = await this.edge.server.join(this.roomId)
    if (this.#over) return
    this.#welcome(room)
    const no = ++this.#lineNo
    const stale = () => this.#over || no !== this.#lineNo
    try {
      const open = await loading
      if (stale()) return
      const line = await open(media.url, media.token, (event) => {
        if (!stale()) this.#onLine(event)
      })
      if (stale()) {
        line.close()
        return
      }
      this.#line = line
      this.#failures = 0
      this.#connection = 'connected'
      this.#mic.attach(line)
      this.#show()
    } catch {
      if (!stale()) this.#lineLost()
    }
  }

  #welcome(room: Room): void {
    if (this.#feed) {
      this.#feed.snapshot(room)
      this.#follow()
      return
    }
    this.#feed = new RoomFeed(
      room,
      this.edge.self(),
      { read: () => this.edge.server.read(this.roomId), later: this.edge.later },
      (next, event) => this.#changed(next, event),
      (thrown) => {
        const why = endOf(Problem.of(thrown))
        if (why) this.finish(why)
      },
    )
    this.#listen()
    this.#changed(room)
  }

  #listen(): void {
    this.#unlisten?.()
    this.#unlisten = this.edge.listen(`room:${this.roomId}`, {
      // The channel carries nothing but events of this room.
      event: (payload) => this.#feed?.event(payload as RoomEvent),
      missed: () => this.#feed?.refetch(),
      // Not ours any more: ask why. The answer ends the stay, or joining anew mends it.
      refused: () => this.#feed?.refetch(),
    })
  }

  #changed(room: Room, event?: RoomEvent): void {
    if (this.#over) return
    const self = this.edge.self()
    const mine = event?.type === 'member' && event.member.person.id === self ? event : undefined
    if (room.ended_at !== undefined) {
      this.finish(room.ended_why === 'host' ? 'host' : 'empty')
      return
    }
    if (mine?.cause === 'removed') {
      this.finish('removed')
      return
    }
    if (mine?.cause === 'moved_back') this.edge.earcon('moved-back')
    if (mine?.cause === 'let_sit') this.edge.earcon('may-speak')
    this.#you = room.you ?? this.#you
    if (mine?.cause === 'muted') this.#mic.mutedElsewhere()
    this.#follow()
    // While our line stands, the one who left is this account on another device.
    if (room.you && !room.you.here) {
      if (this.#line && this.#connection === 'connected') this.finish('elsewhere')
      else this.#rejoinSoon()
    }
  }

  /** The microphone follows the seat. */
  #follow(): void {
    this.#you = this.#feed?.room.you ?? this.#you
    const you = this.#you
    this.#mic.seated(you?.here === true && you.seat !== undefined, you?.muted ?? true)
    this.#show()
  }

  #onLine(event: LineEvent): void {
    switch (event.type) {
      case 'connection':
        this.#connection = event.state
        this.#show()
        break
      case 'voice':
        this.edge.playback.add(event.personId, event.track)
        break
      case 'silence':
        this.edge.playback.remove(event.personId)
        break
      case 'silenced':
        // Standing up by ourselves ends here too, and then the room has already said so.
        if (this.#mic.state === 'off') break
        this.#mic.release()
        this.#feed?.refetch()
        break
      case 'closed':
        this.#lineClosed(event.why)
        break
    }
  }

  #lineClosed(why: Closed): void {
    this.#dropLine()
    if (why === 'duplicate') {
      this.finish('elsewhere')
      return
    }
    if (why === 'lost') {
      this.#lineLost()
      return
    }
    // Ended on purpose; the room knows the reason better than the media server.
    void this.#askWhy()
  }

  async #askWhy(): Promise<void> {
    try {
      const room = await this.edge.server.read(this.roomId)
      if (this.#over) return
      this.#feed?.snapshot(room)
      if (this.#over) return
      // Still in it by the books: another admission of ours took the place.
      if (room.you?.here) this.finish('elsewhere')
      else this.finish('removed')
    } catch (thrown) {
      if (this.#over) return
      const why = endOf(Problem.of(thrown))
      if (why) this.finish(why)
      else this.#lineLost()
    }
  }

  #dropLine(): void {
    this.#lineNo++
    this.#mic.detach()
    this.#line?.close()
    this.#line = undefined
  }

  #lineLost(): void {
    this.#dropLine()
    this.#rejoinSoon()
  }

  #rejoinSoon(): void {
    if (this.#over || this.#rejoining || this.#cancelRejoin) return
    this.#connection = this.#failures >= LOST_AFTER ? 'lost' : 'reconnecting'
    const pause = REJOIN_PAUSES_MS[Math.min(this.#failures, REJOIN_PAUSES_MS.length - 1)] ?? 0
    this.#failures++
    this.#cancelRejoin = this.edge.later(() => void this.#rejoin(), pause)
    this.#show()
  }

  async #rejoin(): Promise<void> {
    this.#cancelRejoin?.()
    this.#cancelRejoin = undefined
    if (this.#over || this.#rejoining) return
    this.#rejoining = true
    this.#dropLine()
    let again = false
    try {
      await this.#admit()
      again = !this.#over && !this.#line
      if (!this.#over) this.#listen()
    } catch (thrown) {
      if (this.#over) return
      const problem = Problem.of(thrown)
      const why = endOf(problem)
      if (why) this.finish(why)
      else again = true
    } finally {
      this.#rejoining = false
    }
    if (again) this.#rejoinSoon()
  }

  #online(): void {
    this.#mic.online()
    if (!this.#cancelRejoin) return
    this.#failures = 1
    void this.#rejoin()
  }

  #show(): void {
    const room = this.#feed?.room
    const you = this.#you
    if (this.#over || !room || !you) return
    const live: Live = {
      status: 'live',
      roomId: this.roomId,
      room,
      you,
      connection: this.#connection,
      mic: this.#mic.state,
      playback: this.edge.playback.state.get(),
    }
    this.show(live)
  }
}

/** The refusals that mean the stay is over rather than that something went wrong. */
function endOf(problem: Problem): EndedWhy | undefined {
  switch (problem.code) {
    case 'room.ended':
      return 'empty'
    case 'room.removed':
      return 'removed'
    default:
      return undefined
  }
}
