import { type Member, Problem, type Room } from '../api'
import { RoomFeed } from '../realtime/feed'
import type { RoomEvent } from '../realtime/room'
import type { Edge } from './edge'
import type { Closed, Line, LineEvent } from './line'
import { Microphone } from './microphone'
import type { Connection, EndedWhy, RoomState } from './state'

/** Pauses before joining anew after the line was lost; the last one repeats while the room is open. */
const REJOIN_PAUSES_MS = [0, 300, 700, 1500, 2500, 4000]
/** How long the room's own word on why the line was ended is waited for. */
const WORD_WAIT_MS = 700
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
  #offline = false
  #failures = 0
  #rejoining = false
  /** The media server ended the line on purpose, and we are finding out why. */
  #ended = false
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
      edge.onNetwork((there) => this.#network(there)),
    )
  }

  async enter(): Promise<void> {
    this.show({ status: 'joining', roomId: this.roomId })
    try {
      await this.#admit()
    } catch (thrown) {
      if (this.#over) return
      this.close()
      this.show({ status: 'failed', roomId: this.roomId, problem: Problem.of(thrown) })
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
        if (Problem.of(thrown).code === 'room.not_found') this.finish('empty')
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
    if (mine?.cause === 'muted') this.#mic.mutedElsewhere()
    this.#follow()
    if (room.you?.here) return
    // While our line stands, or was just ended on purpose, the one who left is this account elsewhere.
    if (this.#connection === 'connected' || this.#ended) this.finish('elsewhere')
    else this.#rejoinSoon()
  }

  /** The microphone follows the seat. */
  #follow(): void {
    const you = this.#feed?.room.you
    // Whoever is not here has no `you`; what we were is still shown while we come back.
    this.#you = you ?? this.#you
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
    this.#connection = 'reconnecting'
    // Whoever is moved out must not go on holding the microphone while we ask.
    this.#ended = why === 'ended'
    if (this.#ended) this.#mic.release()
    this.#show()
    // The room's own word says more than the media server's, and is most often right behind it.
    this.#undo.push(this.edge.later(() => void this.#askWhy(why), WORD_WAIT_MS))
  }

  async #askWhy(why: 'ended' | 'refused'): Promise<void> {
    if (this.#over) return
    try {
      const room = await this.edge.server.read(this.roomId)
      if (this.#over) return
      if (room.ended_at !== undefined) this.#feed?.snapshot(room)
      // Here by the books, yet not on the line: another device has the newer admission.
      else if (room.you?.here) this.finish('elsewhere')
      else if (why === 'ended') this.finish('removed')
      else this.#lineLost()
    } catch {
      if (!this.#over) this.#lineLost()
    }
  }

  #dropLine(): void {
    this.#lineNo++
    this.#mic.detach()
    this.#line?.close()
    this.#line = undefined
  }

  #lineLost(): void {
    this.#ended = false
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
      again = !(await this.#endedBy(Problem.of(thrown)))
    } finally {
      this.#rejoining = false
    }
    if (again) this.#rejoinSoon()
  }

  /** Whether this refusal to let us back in ends the stay. */
  async #endedBy(problem: Problem): Promise<boolean> {
    if (problem.code === 'room.removed') this.finish('removed')
    else if (problem.code === 'room.not_found') this.finish('empty')
    else if (problem.code === 'room.ended') {
      const room = await this.edge.server.read(this.roomId).catch(() => undefined)
      if (room) this.#feed?.snapshot(room)
      this.finish('empty')
    }
    return this.#over
  }

  #network(there: boolean): void {
    // The library may take a while to notice; the browser knows at once.
    this.#offline = !there
    this.#show()
    if (!there) return
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
      connection:
        this.#offline && this.#connection === 'connected' ? 'reconnecting' : this.#connection,
      mic: this.#mic.state,
      playback: this.edge.playback.state.get(),
    }
    this.show(live)
  }
}
