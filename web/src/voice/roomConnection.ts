import { type Member, Problem, type Room, type RoomChange } from '../api'
import type { Listener } from '../realtime/connection'
import { LiveStore } from '../realtime/liveStore'
import {
  eventOf,
  type RoomAnswer,
  type RoomEvent,
  type RoomFields,
  readRoom,
  roomReducer,
} from '../realtime/room'
import type { Kind, Path } from './mediaConnection'
import {
  type Grant,
  type MediaScope,
  MediaSession,
  type Objection,
  type Verdict,
} from './mediaSession'
import type { RoomDeps } from './roomDeps'
import { SeatMicrophone } from './seat-mic'
import type { EndedWhy, Outcome, RoomState } from './state'
import { personOf } from './voices'

/** How long the room's own word on why the connection was ended is waited for. */
const WORD_WAIT_MS = 700
/** The server allows a connection to talk two minutes before a seat is taken. */
const PREPARED_MS = 110_000

/** The room has closed to this person, who was counted out meanwhile. */
const shut = new Set([
  'room.not_found',
  'room.blocked_here',
  'room.full',
  'room.followers_only',
  'room.club_only',
  'room.pin_needed',
  'room.women_only',
  'room.verified_only',
])

type Live = Extract<RoomState, { status: 'live' }>

/**
 * RoomConnection is one person's stay in one room, from pressing join to the last word: its media
 * session, the snapshot of the room, and the seat that the microphone follows. Without a seat it listens
 * over the listening tier; who sits, or is about to, is connected to LiveKit. It tells the session of the
 * page what to show. Whatever arrives after the end is ignored.
 */
export class RoomConnection {
  #live: LiveStore<RoomFields, RoomEvent, RoomAnswer> | undefined
  #you: Member | undefined
  /** Of the newest answer to a command: what the room tells of us up to it we said ourselves. */
  #answeredSeq = 0
  /** Whether this stay has been connected: then it is listened to anew without joining anew. */
  #admitted = false
  /** What was asked of the server last to be let in. */
  #asked: 'join' | 'listen' | 'connect' = 'join'
  /** Set while a seat is about to be taken. */
  #unprepare: (() => void) | undefined
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
    const scope: MediaScope = {
      wanted: () => this.#wanted(),
      admit: (offer, standing) => this.#admit(offer, standing),
      objected: (objection) => this.#objected(objection),
      report: (event) => event === 'silenced' && this.#silenced(),
      playedAs: (voice) => personOf(this.#live?.get().room, voice),
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

  /**
   * A seat is about to be taken, or no longer: the connection to talk is made while the person looks at
   * their microphone.
   */
  prepareSeat(on: boolean): void {
    this.#unprepare?.()
    this.#unprepare = undefined
    if (this.#over) return
    if (on) this.#unprepare = this.deps.later(() => this.prepareSeat(false), PREPARED_MS)
    this.#media.follow()
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

  path(): Promise<Path | undefined> {
    return this.#media.path()
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
    this.#unprepare?.()
    this.#stopLive?.()
    this.microphone.release()
    this.#media.close()
  }

  #wanted(): Kind {
    return this.#you?.seat !== undefined || this.#unprepare ? 'talk' : 'listen'
  }

  async #admit(offer: () => Promise<string>, standing: boolean): Promise<Grant> {
    const { server } = this.deps
    const wanted = this.#wanted()
    if (wanted === 'listen' && this.#admitted) {
      this.#asked = 'listen'
      try {
        return { kind: 'listen', ...(await server.listen(this.roomId, await offer())) }
      } catch (thrown) {
        // The server has counted us out of this stay.
        if (Problem.of(thrown).code !== 'room.not_here') throw thrown
        this.#admitted = false
      }
    }
    if (wanted === 'talk' && standing) {
      this.#asked = 'connect'
      const { media } = await server.connect(this.roomId)
      return { kind: 'talk', ...media }
    }
    this.#asked = 'join'
    const sdp = wanted === 'listen' ? await offer() : undefined
    const { room, media, listen } = await server.join(this.roomId, sdp)
    if (!this.#over) this.#welcome(room)
    if (media) return { kind: 'talk', ...media }
    // Without an offer: the seat was given to somebody else while we were away.
    return { kind: 'listen', ...(listen ?? (await server.listen(this.roomId, await offer()))) }
  }

  /** Let in, also again: the channel may have been taken from us, so it is listened to anew. */
  #welcome(room: Room): void {
    this.#live ??= new LiveStore(roomReducer(room, this.deps.self()), {
      read: (known) => readRoom(this.deps.server, this.roomId, known),
      listen: (listener) => this.#listen(listener),
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

  /**
   * After a restart of the server the channel cannot be recovered, and the listening session is most likely
   * gone, too.
   */
  #listen(listener: Listener<RoomEvent>): () => void {
    let begun = false
    return this.deps.listen(`room:${this.roomId}`, {
      ...listener,
      missed: () => {
        listener.missed()
        if (begun) this.#media.doubt()
        begun = true
      },
    })
  }

  #changed(event?: RoomEvent): void {
    const room = this.#live?.get().room
    if (this.#over || !room) return
    const self = this.deps.self()
    const mine = event?.type === 'member' && event.member.person.id === self ? event : undefined
    if (room.ended_at !== undefined) {
      this.finish(room.end_reason ?? 'empty')
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
    if (room.you?.present) return
    this.#admitted = false
    // Taken out for a call, not by another device.
    if (!this.deps.calling()) this.#media.absent()
  }

  /** The microphone follows the seat. */
  #follow(): void {
    const you = this.#live?.get().room.you
    // Whoever is not here has no `you`; what we were is still shown while we come back.
    this.#you = you ?? this.#you
    const seated = you?.present === true && you.seat !== undefined
    if (seated) this.#unprepare?.()
    if (seated) this.#unprepare = undefined
    this.microphone.seated(seated, you?.muted ?? true)
    this.#media.rename()
    this.#media.follow()
    this.#show()
  }

  #mediaChanged(): void {
    if (this.#over) return
    const { connection } = this.#media.get()
    if (connection === 'elsewhere') {
      this.finish('elsewhere')
      return
    }
    if (connection === 'connected') this.#admitted = true
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
      this.#admitted = false
      // A call that we offered was accepted, and its word is on its way: until then the server refuses us.
      if (objection.type === 'refused' || this.deps.calling()) return 'rejoin'
      this.finish('removed')
      return 'wait'
    } catch (thrown) {
      return (await this.#endedBy(Problem.of(thrown))) ? 'wait' : 'rejoin'
    }
  }

  async #rejected(problem: Problem): Promise<Verdict> {
    if (!this.#live) {
      this.close()
      this.show({ status: 'failed', roomId: this.roomId, problem })
      return 'wait'
    }
    if (await this.#endedBy(problem)) return 'wait'
    if (!problem.isRefusal) return 'rejoin'
    if (this.#asked === 'connect') {
      // The seat is not to be had, or is ours no longer.
      this.prepareSeat(false)
      this.refresh()
    } else if (this.#asked === 'listen' && problem.code === 'room.elsewhere') return 'elsewhere'
    return 'rejoin'
  }

  /** Whether this refusal ends the stay. */
  async #endedBy(problem: Problem): Promise<boolean> {
    if (problem.code === 'room.removed') this.finish('removed')
    else if (shut.has(problem.code)) this.finish('closed')
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
