import {
  ConnectionQuality,
  DisconnectReason,
  LocalAudioTrack,
  LogLevel,
  type Participant,
  ParticipantEvent,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
} from 'livekit-client'
import { isMusic, rawMicrophone } from './capture'
import type { Closed, OpenConnection, Path, TalkConnection } from './mediaConnection'
import { pathIn } from './path'
import { newest } from './sources'

// livekit-client is held at 2.17: from 2.18 to 2.23 it sends its first offer with the join, and a timer
// of its own may renegotiate in the moment the answer arrives. That breaks the connection it just made
// about every third time on a quick connection; the reconnect that follows takes seconds.

// What matters of it the session shows; the rest is noise in other people's consoles.
setLogLevel(LogLevel.silent)

/**
 * Pauses before each attempt to resume. Short: after a cut of seconds the audio should be back
 * within two, and only one person waits here. After the last one the session joins anew.
 */
const RESUME_PAUSES_MS = [0, 200, 400, 500, 500, 500, 500, 1000, 1000, 1500, 2000, 2000]
/** A handshake begun while the network was away must not hold up the one that would get through. */
const SIGNAL_TIMEOUT_MS = 2500
const PEER_TIMEOUT_MS = 8000
/** After this long without sound we say why there is none, and go on trying. */
const STUCK_MS = 4000
/** What fails sooner was turned away, by a server that restarts perhaps: the next try tells. */
const TURNED_AWAY_MS = 2000
/** How long a seat taken over HTTP may take to reach the media server's permissions. */
const PERMISSION_WAIT_MS = 4000
/** bit/s. Mono speech in Opus is clear well below; music mode wants the fullness. */
const SPEECH_BITRATE = 32_000
const MUSIC_BITRATE = 96_000
const STEREO_BITRATE = 128_000

function closedBy(reason: DisconnectReason | undefined): Closed {
  switch (reason) {
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'duplicate'
    case DisconnectReason.PARTICIPANT_REMOVED:
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'ended'
    default:
      return 'lost'
  }
}

function absolute(url: string): string {
  const u = new URL(url, location.href)
  u.protocol = u.protocol.replace(/^http/, 'ws')
  return u.href
}

export const openConnection: OpenConnection = async (url, token, on) => {
  const room = new Room({
    singlePeerConnection: true,
    // A closed tab falls silent at once. Who only reloads is back before the seat is given up.
    disconnectOnPageLeave: true,
    stopLocalTrackOnUnpublish: false,
    reconnectPolicy: {
      nextRetryDelayInMs: ({ retryCount }) => RESUME_PAUSES_MS[retryCount] ?? null,
    },
  })
  let open = false

  const audio = (track: RemoteTrack) => track.kind === Track.Kind.Audio
  // Who changes the microphone: their new voice may come before the old one goes.
  const voices = new Map<string, RemoteTrack>()
  room
    .on(RoomEvent.TrackSubscribed, (track, _, who: RemoteParticipant) => {
      if (!audio(track)) return
      const voice = who.identity
      voices.set(voice, track)
      const packets = () => received(track)
      on({ type: 'output', output: voice, voice, track: track.mediaStreamTrack, packets })
    })
    .on(RoomEvent.TrackUnsubscribed, (track, _, who: RemoteParticipant) => {
      if (voices.get(who.identity) !== track) return
      voices.delete(who.identity)
      on({ type: 'silence', output: who.identity })
    })
    .on(RoomEvent.ConnectionQualityChanged, (quality, who: Participant) => {
      const weak = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost
      on({ type: 'quality', voice: who.identity, mine: who.isLocal, weak })
    })
    .on(RoomEvent.SignalReconnecting, () => on({ type: 'connection', state: 'reconnecting' }))
    .on(RoomEvent.Reconnecting, () => on({ type: 'connection', state: 'reconnecting' }))
    .on(RoomEvent.Reconnected, () => on({ type: 'connection', state: 'connected' }))
    .on(RoomEvent.ParticipantPermissionsChanged, (before, who: Participant) => {
      if (who.isLocal && before?.canPublish && !who.permissions?.canPublish)
        on({ type: 'silenced' })
    })
    .on(RoomEvent.Disconnected, async (reason) => {
      // Before it is open, failing is the answer to opening it.
      if (!open) return
      open = false
      const why = closedBy(reason)
      on({ type: 'closed', why: why === 'lost' && (await refused(url, token)) ? 'refused' : why })
    })

  let talking = false
  room.once(RoomEvent.SignalConnected, () => {
    talking = true
  })
  const stuck = () => on({ type: 'stuck', why: talking ? 'blocked' : 'unreachable' })
  const begin = performance.now()
  const timer = setTimeout(stuck, STUCK_MS)
  try {
    await room.connect(absolute(url), token, {
      websocketTimeout: SIGNAL_TIMEOUT_MS,
      peerConnectionTimeout: PEER_TIMEOUT_MS,
      // The session retries by joining anew, for the room may have ended meanwhile.
      maxRetries: 0,
      // The media server has an address of its own and needs no help to be found. Left open, the
      // library would ask a stranger's STUN server, and tell it who is calling.
      rtcConfig: { iceServers: [] },
    })
  } catch (thrown) {
    if (performance.now() - begin > TURNED_AWAY_MS) stuck()
    throw thrown
  } finally {
    clearTimeout(timer)
  }
  open = true
  return new LivekitConnection(room, voices, () => {
    open = false
  })
}

/** How many packets of a voice have arrived. */
async function received(track: RemoteTrack): Promise<number> {
  let packets = 0
  const report = await track.receiver?.getStats()
  report?.forEach((stat: { type: string; packetsReceived?: number }) => {
    if (stat.type === 'inbound-rtp') packets += stat.packetsReceived ?? 0
  })
  return packets
}

/** Whether the gate turns our token away: the library stops without telling. */
async function refused(url: string, token: string): Promise<boolean> {
  const probe = new URL(absolute(url).replace(/^ws/, 'http'))
  probe.pathname = `${probe.pathname.replace(/\/$/, '')}/rtc/validate`
  probe.searchParams.set('access_token', token)
  try {
    return (await fetch(probe)).status === 401
  } catch {
    return false
  }
}

class LivekitConnection implements TalkConnection {
  readonly kind = 'talk'
  #mic: LocalAudioTrack | undefined
  #muted = true
  #published = false

  constructor(
    private readonly room: Room,
    private readonly voices: ReadonlyMap<string, RemoteTrack>,
    private readonly closing: () => void,
  ) {}

  heard(): string[] {
    const sounds = (track: RemoteTrack) => newest(track.receiver?.getSynchronizationSources())
    return [...this.voices].flatMap(([voice, track]) => (sounds(track) ? voice : []))
  }

  async path(): Promise<Path | undefined> {
    // Voices and one's own microphone go over one peer connection; whichever is there knows of it.
    const [voice] = this.voices.values()
    const track = voice ?? this.#mic
    return pathIn(await track?.getRTCStatsReport().catch(() => undefined))
  }

  async publish(track: MediaStreamTrack, muted: boolean): Promise<void> {
    const mic = new LocalAudioTrack(track, undefined, true)
    this.#mic = mic
    this.#muted = muted
    this.#published = false
    await this.#permitted()
    if (this.#mic !== mic) return
    if (this.#muted) await mic.mute()
    const stereo = isMusic(track)
    const raw = stereo || rawMicrophone()
    await this.room.localParticipant.publishTrack(mic, {
      source: Track.Source.Microphone,
      // The server forwards plain Opus only; redundancy would be dropped there.
      red: false,
      // Silence between words costs nothing in speech; in music the pauses would be heard.
      dtx: !raw,
      audioPreset: {
        maxBitrate: stereo ? STEREO_BITRATE : raw ? MUSIC_BITRATE : SPEECH_BITRATE,
      },
      // Said in speech, too: otherwise a microphone with two channels decides.
      forceStereo: stereo,
    })
    if (this.#mic !== mic) {
      await this.room.localParticipant.unpublishTrack(mic, false)
      return
    }
    this.#published = true
    await this.#sign()
  }

  setMuted(muted: boolean): void {
    this.#muted = muted
    if (!this.#mic) return
    this.#mic.mediaStreamTrack.enabled = !muted
    // The library forgets to tell of a change while it is still publishing; publish does it then.
    if (this.#published) void this.#sign()
  }

  /** Tells the media server, and through it the others, what the last wish was. */
  async #sign(): Promise<void> {
    const mic = this.#mic
    if (!mic || mic.isMuted === this.#muted) return
    await (this.#muted ? mic.mute() : mic.unmute())
    await this.#sign()
  }

  unpublish(): void {
    const mic = this.#mic
    this.#mic = undefined
    if (mic) void this.room.localParticipant.unpublishTrack(mic, false).catch(() => undefined)
  }

  close(): void {
    this.closing()
    this.#mic = undefined
    void this.room.disconnect(false)
  }

  /** The answer over HTTP may overtake the permission on its way through the media server. */
  #permitted(): Promise<void> {
    const self = this.room.localParticipant
    if (self.permissions?.canPublish) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const changed = () => {
        if (!self.permissions?.canPublish) return
        done()
        resolve()
      }
      const timer = setTimeout(() => {
        done()
        reject(new Error('The media server did not allow speaking in time.'))
      }, PERMISSION_WAIT_MS)
      const done = () => {
        clearTimeout(timer)
        self.off(ParticipantEvent.ParticipantPermissionsChanged, changed)
      }
      self.on(ParticipantEvent.ParticipantPermissionsChanged, changed)
    })
  }
}
