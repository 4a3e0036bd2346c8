import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem, type Room } from '../api'
import { refusal, settle, voiceTrack } from '../testing/mediaFake'
import { listening, member, RoomFake, roomWith, seated, talking } from '../testing/roomFake'
import { FakeTrack } from '../testing/track'
import type { Captured } from './capture'
import type { ListenConnection } from './mediaConnection'

let world: RoomFake
/** In, on a seat, with an open microphone. */
async function speaking() {
  await world.connection.enter()
  await world.sits()
  await settle()
  await world.connection.microphone.setMuted(false)
  await settle()
}

beforeEach(() => {
  vi.useFakeTimers()
  world = new RoomFake()
})
afterEach(() => {
  world.connection.close()
  vi.useRealTimers()
})

describe('coming back to the channel', () => {
  it('reads the room anew, for nothing said meanwhile is told again', async () => {
    await world.connection.enter()
    world.read.mockResolvedValueOnce(roomWith(7, member('me'), { listeners: 5 }))
    world.listener?.missed()
    world.said(8, 'joined', member('ann'))
    await settle()
    expect(world.read).toHaveBeenCalledTimes(1)
    expect(world.state).toMatchObject({ room: { seq: 8, listeners: 6 } })
  })
})

describe('coming back to the channel with what was missed', () => {
  it('shows what has changed, without the room and without a sound', async () => {
    await world.connection.enter()
    world.changes.mockResolvedValueOnce({
      seq: 4,
      changes: [
        { type: 'member', seq: 2, at: 2, cause: 'moved_to_audience', member: member('me') },
        { type: 'member', seq: 3, at: 3, cause: 'allowed_to_speak', member: member('me') },
        { type: 'member', seq: 4, at: 4, cause: 'joined', member: member('ann') },
      ],
    })
    world.listener?.missed()
    await settle()
    expect(world.changes).toHaveBeenCalledWith(1)
    expect(world.read).not.toHaveBeenCalled()
    expect(world.state).toMatchObject({ room: { seq: 4, listeners: 2 }, you: { can_speak: true } })
    expect(world.earcons).toEqual([])
  })

  it.each(['host', 'next_room', 'empty', 'no_host'] as const)(
    'ends the stay with the room, and says why: %s',
    async (reason) => {
      await world.connection.enter()
      world.changes.mockResolvedValueOnce({
        seq: 2,
        changes: [{ type: 'ended', seq: 2, at: 2, reason }],
      })
      world.listener?.missed()
      await settle()
      expect(world.state).toMatchObject({ status: 'ended', why: reason })
    },
  )
})

describe('coming in', () => {
  it('shows joining, then the room while the connection opens, then connected', async () => {
    await world.connection.enter()
    expect(world.shown.map((s) => (s.status === 'live' ? s.connection : s.status))).toEqual([
      'joining',
      'connecting',
      'connected',
    ])
    expect(world.state).toMatchObject({ mic: 'off', you: { muted: true } })
    expect(world.tracks).toHaveLength(0)
  })

  it('fails with the server’s words', async () => {
    world.joins.mockRejectedValueOnce(refusal('room.removed', 403))
    await world.connection.enter()
    expect(world.state).toMatchObject({ status: 'failed', problem: { code: 'room.removed' } })
  })

  it('asks anew when the connection does not open', async () => {
    world.accept.mockRejectedValueOnce(new Error('no route'))
    await world.connection.enter()
    expect(world.state).toMatchObject({ status: 'live', connection: 'reconnecting' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.joins).toHaveBeenCalledTimes(2)
    expect(world.state).toMatchObject({ connection: 'connected' })
  })

  it.each(['blocked', 'unreachable'] as const)(
    'says that the sound is %s, through all tries, until it comes',
    async (why) => {
      world.accept.mockImplementationOnce(async (_answer, on) => {
        on({ type: 'stuck', why })
        throw new Error('no route')
      })
      await world.connection.enter()
      expect(world.state).toMatchObject({ connection: 'reconnecting', stuck: why })
      await vi.advanceTimersByTimeAsync(10)
      expect(world.state).toMatchObject({ connection: 'connected' })
      expect(world.state).not.toHaveProperty('stuck')
    },
  )

  it('closes a connection that opens after the person has left', async () => {
    let opened: (connection: ListenConnection) => void = () => {}
    const close = vi.fn()
    world.accept.mockImplementationOnce(() => new Promise((done) => (opened = done)))
    const entering = world.connection.enter()
    await settle()
    world.connection.close()
    opened({
      kind: 'listen',
      heard: () => [],
      path: async () => undefined,
      alive: () => true,
      close,
    })
    await entering
    expect(close).toHaveBeenCalled()
  })
})

describe('a command', () => {
  it('is answered with its change, which the channel tells once more', async () => {
    await world.connection.enter()
    await world.sits()
    expect(world.state).toMatchObject({ room: { seq: 2 }, you: { seat: 2 } })
    world.said(2, 'sat', seated())
    world.said(3, 'joined', member('ann'))
    expect(world.state).toMatchObject({ room: { seq: 3, members: [{}, {}] } })
    expect(world.read).not.toHaveBeenCalled()
  })

  it('that changes nothing reads the room anew only where something was missed', async () => {
    await world.connection.enter()
    const nothing = (seq: number) => async () => ({ seq, member: member('me') })
    await world.connection.command(nothing(1))
    expect(world.read).not.toHaveBeenCalled()
    await world.connection.command(nothing(4))
    expect(world.read).toHaveBeenCalledOnce()
  })

  it('whose change is not the next one reads the room anew', async () => {
    await world.connection.enter()
    world.read.mockResolvedValueOnce(roomWith(4, seated()))
    await world.connection.command(async () => ({ seq: 4, at: 4, cause: 'sat', member: seated() }))
    await settle()
    expect(world.state).toMatchObject({ room: { seq: 4 }, you: { seat: 2 } })
  })
})

describe('the microphone', () => {
  it('opens with a seat, muted, and unmutes at once', async () => {
    await world.connection.enter()
    world.said(2, 'sat', seated())
    await settle()
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.mediaConnection.said).toContain('publish muted')
    expect(world.track.enabled).toBe(false)

    const telling = world.connection.microphone.setMuted(false)
    expect(world.track.enabled).toBe(true)
    expect(world.state).toMatchObject({ mic: 'open' })
    expect(world.mediaConnection.said).toEqual(['publish muted', 'unmute'])
    await telling
    expect(world.told).toEqual([false])
  })

  it('is muted again, and says why, when the server does not want it open', async () => {
    await world.connection.enter()
    await world.sits()
    await settle()
    world.microphone.mockRejectedValueOnce(refusal('room.no_seat'))
    const problem = await world.connection.microphone.setMuted(false)
    expect(problem).toMatchObject({ code: 'room.no_seat' })
    expect(world.track.enabled).toBe(false)
    expect(world.state).toMatchObject({ mic: 'muted' })
  })

  it('stays muted when the server cannot be told, and tells it when it can', async () => {
    await speaking()
    world.microphone.mockRejectedValueOnce(Problem.offline())
    expect(await world.connection.microphone.setMuted(true)).toMatchObject({ code: 'offline' })
    expect(world.track.enabled).toBe(false)
    expect(world.state).toMatchObject({ mic: 'muted' })
    world.network(true)
    await settle()
    expect(world.told.at(-1)).toBe(true)
  })

  it('tells the server the last wish of a quick hand, not every one', async () => {
    await world.connection.enter()
    await world.sits()
    await settle()
    void world.connection.microphone.setMuted(false)
    void world.connection.microphone.setMuted(true)
    void world.connection.microphone.setMuted(false)
    await settle()
    expect(world.told).toEqual([false])
    expect(world.state).toMatchObject({ mic: 'open' })
  })

  it('is let go with the answer to standing up, whatever is still on its way', async () => {
    await speaking()
    const { track } = world
    await world.connection.command(async () => ({
      seq: 9,
      at: 9,
      cause: 'stood',
      member: member('me'),
    }))
    expect(track.stop).toHaveBeenCalled()
  })

  it('stays open when a mute that was taken back is told late', async () => {
    await speaking()
    let answer: (room: Room) => void = () => {}
    world.read.mockImplementationOnce(
      () =>
        new Promise((done) => {
          answer = done
        }),
    )
    world.connection.refresh()
    const { microphone } = world.connection
    world.microphone.mockResolvedValueOnce({ seq: 5, at: 5, cause: 'muted', member: seated() })
    await microphone.setMuted(true)
    const open = seated({ muted: false })
    world.microphone.mockResolvedValueOnce({ seq: 6, at: 6, cause: 'unmuted', member: open })
    await microphone.setMuted(false)
    answer(roomWith(4, open))
    await settle()
    expect(world.state).toMatchObject({ room: { seq: 6 }, mic: 'open' })
  })

  it('is let go with the seat', async () => {
    await speaking()
    const { track, mediaConnection } = world
    world.said(4, 'moved_to_audience', member('me', { can_speak: false }))
    expect(track.stop).toHaveBeenCalled()
    expect(mediaConnection.said).toContain('unpublish')
    expect(world.state).toMatchObject({ mic: 'off', you: { can_speak: false } })
    expect(world.earcons).toEqual(['moved-back'])
  })

  it('is let go when the media server silences us before the room says so', async () => {
    await speaking()
    world.read.mockResolvedValueOnce(roomWith(12, member('me', { can_speak: false })))
    world.mediaConnection.on({ type: 'silenced' })
    expect(world.track.stop).toHaveBeenCalled()
    await settle()
    expect(world.state).toMatchObject({ mic: 'off', you: { can_speak: false } })
  })

  it('says that it is denied, and works after the browser changed its mind', async () => {
    const ask = world.captured
    world.captured = async () => ({ refused: 'denied' })
    await world.connection.enter()
    world.said(2, 'sat', seated())
    await settle()
    expect(world.state).toMatchObject({ mic: 'denied' })
    world.captured = ask
    await world.connection.microphone.retry()
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.mediaConnection.said).toContain('publish muted')
  })

  it('is not used when it is allowed only after standing up', async () => {
    let allow: (got: Captured) => void = () => {}
    world.captured = () => new Promise((done) => (allow = done))
    await world.connection.enter()
    world.said(2, 'sat', seated())
    world.said(3, 'stood', member('me'))
    const late = new FakeTrack()
    allow({ track: late as unknown as MediaStreamTrack })
    await settle()
    expect(late.stop).toHaveBeenCalled()
    expect(world.state).toMatchObject({ mic: 'off' })
  })

  it('is asked for again when it is unplugged, muted', async () => {
    await speaking()
    world.track.end()
    await settle()
    expect(world.tracks).toHaveLength(2)
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.told.at(-1)).toBe(true)
  })

  it('is seen as muted while a phone call has it, and is muted when it is back', async () => {
    await speaking()
    world.track.taken(true)
    await settle()
    expect(world.state).toMatchObject({ mic: 'taken' })
    expect(world.told.at(-1), 'told to the others').toBe(true)
    expect(world.mediaConnection.said.at(-1)).toBe('mute')
    await world.connection.microphone.setMuted(false)
    expect(world.state, 'nothing to open yet').toMatchObject({ mic: 'taken' })

    world.track.taken(false)
    await settle()
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.track.enabled).toBe(false)
    expect(world.told.at(-1)).toBe(true)
    await world.connection.microphone.setMuted(false)
    expect(world.state).toMatchObject({ mic: 'open' })
  })

  it('is taken already when a seat is taken during a phone call', async () => {
    const captured = world.captured
    world.captured = async () => {
      const got = await captured()
      world.track.muted = true
      return got
    }
    await world.connection.enter()
    await world.sits()
    await settle()
    expect(world.state).toMatchObject({ mic: 'taken' })
    world.track.taken(false)
    expect(world.state).toMatchObject({ mic: 'muted' })
  })

  it('is let go when the permission ends, and asked for when it is given again', async () => {
    await speaking()
    const captured = world.captured
    world.captured = async () => ({ refused: 'denied' })
    world.permission(false)
    await settle()
    expect(world.track.stop).toHaveBeenCalled()
    expect(world.state).toMatchObject({ mic: 'denied' })
    expect(world.told.at(-1)).toBe(true)
    world.captured = captured
    world.permission(true)
    await settle()
    expect(world.state).toMatchObject({ mic: 'muted' })
  })

  it('is found when it is plugged in, and called by its name', async () => {
    const captured = world.captured
    world.captured = async () => ({ refused: 'missing' })
    await world.connection.enter()
    await world.sits()
    await settle()
    expect(world.state).toMatchObject({ mic: 'missing' })
    world.captured = captured
    world.devices()
    await settle()
    expect(world.state).toMatchObject({ mic: 'muted', device: 'Built-in' })
  })
})

describe('a lost connection', () => {
  it('shows while the library resumes', async () => {
    await speaking()
    world.mediaConnection.on({ type: 'connection', state: 'reconnecting' })
    expect(world.state).toMatchObject({ connection: 'reconnecting', mic: 'open' })
    world.mediaConnection.on({ type: 'connection', state: 'connected' })
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('shows at once when the browser says the network has gone', async () => {
    await speaking()
    world.network(false)
    expect(world.state).toMatchObject({ connection: 'reconnecting', mic: 'open' })
    world.network(true)
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it('is joined anew, and an open microphone is open again', async () => {
    await speaking()
    world.joins.mockResolvedValueOnce(talking(roomWith(20, seated({ muted: true }))))
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.mediaConnections.map(({ kind }) => kind)).toEqual(['listen', 'talk', 'talk'])
    expect(world.mediaConnection.said).toEqual(['publish'])
    expect(world.tracks).toHaveLength(1)
    expect(world.told.at(-1)).toBe(false)
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('keeps a muted microphone muted', async () => {
    await speaking()
    await world.connection.microphone.setMuted(true)
    world.joins.mockResolvedValueOnce(talking(roomWith(20, seated({ muted: true }))))
    const told = world.told.length
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.mediaConnection.said).toContain('publish muted')
    expect(world.told).toHaveLength(told)
  })

  it('is tried with growing pauses, says lost after a while, and at once when the network is back', async () => {
    await world.connection.enter()
    world.listens.mockRejectedValue(Problem.offline())
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(world.state).toMatchObject({ status: 'live', connection: 'lost' })
    const tries = world.listens.mock.calls.length
    expect(tries).toBeLessThan(13)
    world.listens.mockResolvedValue({ answer: 'sdp', url: '/3' })
    world.network(true)
    await settle()
    expect(world.listens).toHaveBeenCalledTimes(tries + 1)
    expect(world.joins).toHaveBeenCalledTimes(1)
    expect(world.state).toMatchObject({ connection: 'connected' })
  })

  it('comes back when the server had already counted us out', async () => {
    await world.connection.enter()
    world.mediaConnection.on({ type: 'connection', state: 'reconnecting' })
    world.joins.mockResolvedValueOnce(listening(roomWith(3, member('me'))))
    world.said(2, 'left', member('me', { present: false }))
    await vi.advanceTimersByTimeAsync(10)
    expect(world.joins).toHaveBeenCalledTimes(2)
    expect(world.mediaConnections).toHaveLength(2)
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })

  it('does not listen to an older connection', async () => {
    await world.connection.enter()
    const older = world.mediaConnection
    older.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    older.on({ type: 'closed', why: 'duplicate' })
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })
})

describe('the end', () => {
  it('comes with the host’s word, and everything is let go', async () => {
    await speaking()
    const { track, mediaConnection } = world
    world.listener?.event({ type: 'ended', seq: 4, at: 5, reason: 'host' })
    expect(world.state).toMatchObject({ status: 'ended', why: 'host' })
    expect(track.stop).toHaveBeenCalled()
    expect(mediaConnection.said).toContain('close')
    expect(world.listener).toBeUndefined()
  })

  it('comes with being removed, by the event', async () => {
    await world.connection.enter()
    world.said(2, 'removed', member('me', { present: false }))
    expect(world.state).toMatchObject({ status: 'ended', why: 'removed' })
  })

  it('comes with being removed, when only the media server has said so', async () => {
    await speaking()
    world.read.mockResolvedValueOnce(roomWith(12))
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    expect(world.track.stop).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'removed' })
  })

  it('is no removal where a call was accepted that we offered: its word is on its way', async () => {
    await speaking()
    world.calls = true
    world.read.mockResolvedValueOnce(roomWith(12))
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    expect(world.track.stop).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'live' })
  })

  it('comes with the room, when only the media server has said so', async () => {
    await world.connection.enter()
    world.read.mockResolvedValueOnce(roomWith(2, undefined, { ended_at: 9, end_reason: 'empty' }))
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'empty' })
  })

  it('comes with a room that is closed to this person, when only the media server has said so', async () => {
    await speaking()
    world.read.mockRejectedValueOnce(refusal('room.not_found', 404))
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    expect(world.track.stop).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'closed' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it('comes with a room that is no longer read', async () => {
    await world.connection.enter()
    world.read.mockRejectedValueOnce(refusal('room.not_found', 404))
    world.connection.refresh()
    await vi.advanceTimersByTimeAsync(10)
    expect(world.state).toMatchObject({ status: 'ended', why: 'closed' })
  })

  it('comes with opening the room elsewhere', async () => {
    await world.connection.enter()
    world.mediaConnection.on({ type: 'closed', why: 'duplicate' })
    expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it.each(['refused', 'ended'] as const)(
    'does not take the room back from another device that has the newer admission (%s)',
    async (why) => {
      await world.connection.enter()
      world.mediaConnection.on({ type: 'closed', why })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
      expect(world.joins).toHaveBeenCalledTimes(1)
    },
  )

  it('comes with going to another room on another device, whichever word arrives first', async () => {
    await world.connection.enter()
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    world.said(2, 'left', member('me', { present: false }))
    expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
  })

  it('is found when coming back to a room that ended meanwhile', async () => {
    await world.connection.enter()
    world.listens.mockRejectedValue(refusal('room.ended', 410))
    world.read.mockResolvedValue(roomWith(9, undefined, { ended_at: 9, end_reason: 'host' }))
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.state).toMatchObject({ status: 'ended', why: 'host' })
  })

  it('plays what others say, until then', async () => {
    await world.connection.enter()
    const track = voiceTrack()
    world.mediaConnection.on({ type: 'output', output: 'ada', voice: 'ada', track })
    expect([...world.heard.keys()]).toEqual(['ada'])
    world.connection.close()
    expect(world.heard.size).toBe(0)
  })
})
