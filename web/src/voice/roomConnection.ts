import { type Member, Problem, type Room, type RoomChange } from '../api'
import { LiveStore } from '../realtime/liveStore'
import {
  eventOf,
  type RoomAnswer,
  type RoomEvent,
  type RoomFields,
  readRoom,
  roomReducer,
} from '../realtime/room'
import { MediaSession, type Objection, type Verdict } from './mediaSession'
import type { RoomDeps } from './roomDeps'
import { SeatMicrophone } from './seat-mic'
import type { EndedWhy, Outcome, RoomState } from './state'

/** How long the room's own word on why the connection was ended is waited for. */
const WORD_WAIT_MS = 700

type Live = Extract<RoomState, { status: 'live' }>

/**
 * RoomConnection is one person's stay in one room, from pressing join to the last word: its media
 * session, the snapshot of the room, and the seat that the microphone follows. It tells the session of
 * the page what to show. Whatever arrives after the end is ignored.
 */
export class RoomConnection {
  #live: LiveStore<RoomFields, RoomEvent, RoomAnswer> | undefined
  #you: Member | undefined
  /** Of the newest answer to a command: what the room tells of us up to it we said ourselves. */
  #answeredSeq = 0
  #over = false
  readonly #undo: (() => void)[]
  #stopLive: (() => void) | undefined
  readonly #media: MediaSession
  readonly microphone: SeatMicrophone

  constructor(
    readonly roomId: string,
    private readonly deps: RoomDeps,
    private readonly show: (state: RoomState) => void,
  ) {
    const scope = {
      admit: () => this.#admit(),
      objected: (objection: Objection) => this.#objected(objection),
      report: (event: 'voice' | 'silenced') => event === 'silenced' && this.#silenced(),
      playedAs: (personId: string) => personId,
    }
    this.#media = new MediaSession(deps, scope, { muted: true, backMuted: true })
    this.microphone = new SeatMicrophone(roomId, this.#media.mic, deps.server, {
      answered: (change) => this.#answered(change),
    })
    this.#undo = [
      this.#media.subscribe(() => this.#mediaChanged()),
      deps.onNetwork((there) => there && this.microphone.settle()),
    ]
  }

  async enter(): Promise<void> {
    this.show({ status: 'joining', roomId: this.roomId })
    await this.#media.open()
  }

  /** Runs one command about this room and takes its answer as news about it. */
  async command(run: () => Promise<RoomChange>): Outcome {
    return this.#live?.command(run, (change) => this.#answered(change))
  }

  #answered(change: RoomChange): void {
    const { seq, member } = change
    this.#answeredSeq = Math.max(this.#answeredSeq, seq)
    // Whoever has stood up must not hold the microphone until an event between has come.
    const mine = member.person.id === this.deps.self()
    if (mine && !(member.present && member.seat !== undefined)) this.microphone.release()
    const event = eventOf(change)
    if (event) this.#live?.hear(event)
    // It was so already, and we did not know.
    else if (this.#live && seq > this.#live.get().room.seq) this.refresh()
    // Whoever is out may have been among the listeners or gone before.
    if (change.cause === 'removed') this.refresh()
  }

  refresh(): void {
    void this.#live?.refresh()
  }

  /** Shows the end, and lets go of everything. */
  finish(why: EndedWhy): void {
    if (this.#over) return
    const room = this.#live?.get().room
    this.close()
    this.show({ status: 'ended', roomId: this.roomId, why, ...(room ? { room } : {}) })
  }

  /** Lets go of everything without a word. */
  close(): void {
    if (this.#over) return
    this.#over = true
    for (const undo of this.#undo) undo()
    this.#stopLive?.()
    this.microphone.release()
    this.#media.close()
  }

  async #admit(): Promise<{ url: string; token: string }> {
    const { room, media } = await this.deps.server.join(this.roomId)
    if (!this.#over) this.#welcome(room)
    return media
  }

  /** Let in, also again: the channel may have been taken from us, so it is listened to anew. */
  #welcome(room: Room): void {
    this.#live ??= new LiveStore(roomReducer(room, this.deps.self()), {
      read: (known) => readRoom(this.deps.server, this.roomId, known),
      listen: (listener) => this.deps.listen(`room:${this.roomId}`, listener),
      later: this.deps.later,
      onNetwork: this.deps.onNetwork,
      onEvent: (event) => this.#changed(event),
      onAnswer: () => this.#changed(),
      onFailure: (problem) => void this.#endedBy(problem),
      keepsState: true,
    })
    this.#live.take(room)
    if (this.#over) return
    if (this.#stopLive) this.#live.listen()
    else this.#stopLive = this.#live.start()
  }

  #changed(event?: RoomEvent): void {
    const room = this.#live?.get().room
    if (this.#over || !room) return
    const self = this.deps.self()
    const mine = event?.type === 'member' && event.member.person.id === self ? event : undefined
    if (room.ended_at !== undefined) {
      this.finish(room.end_reason === 'host' ? 'host' : 'empty')
      return
    }
    if (mine?.cause === 'removed') {
      this.finish('removed')
      return
    }
    if (mine?.cause === 'moved_to_audience') this.deps.earcon('moved-back')
    if (mine?.cause === 'allowed_to_speak') this.deps.earcon('may-speak')
    if (mine?.cause === 'muted' && mine.seq > this.#answeredSeq) this.microphone.mutedElsewhere()
    this.#follow()
    if (!room.you?.present) this.#media.absent()
  }

  /** The microphone follows the seat. */
  #follow(): void {
    const you = this.#live?.get().room.you
    // Whoever is not here has no `you`; what we were is still shown while we come back.
    this.#you = you ?? this.#you
    this.microphone.seated(you?.present === true && you.seat !== undefined, you?.muted ?? true)
    this.#show()
  }

  #mediaChanged(): void {
    if (this.#over) return
    if (this.#media.get().connection === 'elsewhere') {
      this.finish('elsewhere')
      return
    }
    this.#show()
    this.microphone.settle()
  }

  #silenced(): void {
    // Standing up by ourselves ends here too, and then the room has already said so.
    if (this.microphone.state === 'off') return
    this.microphone.release()
    this.refresh()
  }

  async #objected(objection: Objection): Promise<Verdict> {
    if (objection.type === 'rejected') return this.#rejected(objection.problem)
    // Whoever is moved out must not go on holding the microphone while we ask.
    if (objection.type === 'ended') this.microphone.release()
    // The room's own word says more than the media server's, and is most often right behind it.
    await new Promise<void>((done) => void this.#undo.push(this.deps.later(done, WORD_WAIT_MS)))
    if (this.#over) return 'wait'
    try {
      const room = await this.deps.server.read(this.roomId)
      if (this.#over) return 'wait'
      if (room.ended_at !== undefined) {
        this.#live?.take(room)
        return 'wait'
      }
      // Here by the books, yet not on the connection: another device has the newer admission.
      if (room.you?.present) return 'elsewhere'
      if (objection.type === 'refused') return 'rejoin'
      this.finish('removed')
      return 'wait'
    } catch (thrown) {
      return (await this.#endedBy(Problem.of(thrown))) ? 'wait' : 'rejoin'
    }
  }

  async #rejected(problem: Problem): Promise<Verdict> {
    if (this.#live) return (await this.#endedBy(problem)) ? 'wait' : 'rejoin'
    this.close()
    this.show({ status: 'failed', roomId: this.roomId, problem })
    return 'wait'
  }

  /** Whether this refusal ends the stay. */
  async #endedBy(problem: Problem): Promise<boolean> {
    if (problem.code === 'room.removed') this.finish('removed')
    else if (problem.code === 'room.not_found') this.finish('closed')
    else if (problem.code === 'room.ended') {
      const room = await this.deps.server.read(this.roomId).catch(() => undefined)
      if (room) this.#live?.take(room)
      this.finish('empty')
    }
    return this.#over
  }

  #show(): void {
    const room = this.#live?.get().room
    const you = this.#you
    if (this.#over || !room || !you) return
    const { connection, stuck, device, playback } = this.#media.get()
    if (connection === 'elsewhere') return
    const live: Live = {
      status: 'live',
      roomId: this.roomId,
      room,
      you,
      ...(stuck ? { stuck } : {}),
      connection,
      mic: this.microphone.state,
      device,
      playback,
    }
    this.show(live)
  }
}
