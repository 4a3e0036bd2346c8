import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal, settle, voiceTrack } from '../testing/mediaFake'
import { member, RoomFake, roomWith, seated, talking } from '../testing/roomFake'

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

describe('listening', () => {
  const kinds = () => world.mediaConnections.map(({ kind }) => kind)

  it('takes one request, with the offer, and no library', async () => {
    const media = vi.spyOn(world.deps, 'media')
    await world.connection.enter()
    expect(world.joins).toHaveBeenCalledExactlyOnceWith('offer 1')
    expect(world.listens).not.toHaveBeenCalled()
    expect(kinds()).toEqual(['listen'])
    expect(media).not.toHaveBeenCalled()
  })

  it('is made anew when the channel cannot go on where it was: the server is another one', async () => {
    await world.connection.enter()
    world.listener?.missed() // the first time it has nothing to go on from
    await settle()
    expect(kinds()).toEqual(['listen'])
    world.listener?.missed()
    await settle()
    expect(kinds()).toEqual(['listen', 'listen'])
    expect(world.listens).toHaveBeenCalledTimes(1)
    expect(world.state).toMatchObject({ connection: 'connected' })
  })

  it('is not opened by somebody who comes back to a seat', async () => {
    world.joins.mockResolvedValueOnce(talking(roomWith(1, seated())))
    await world.connection.enter()
    await settle()
    expect(kinds()).toEqual(['talk'])
    expect(world.offers).toEqual(['offer 1', 'close offer 1'])
    expect(world.mediaConnection.said).toEqual(['publish muted'])
  })

  it('plays people under their names as soon as the room tells whose voice it is', async () => {
    await world.connection.enter()
    world.mediaConnection.on({ type: 'output', output: 'slot-0', track: voiceTrack() })
    world.mediaConnection.on({ type: 'speaker', output: 'slot-0', voice: '7' })
    expect(world.named.size).toBe(0)
    world.said(2, 'sat', member('ada', { seat: 1, voice: 7 }))
    expect(world.named.get('slot-0')).toBe('ada')
  })

  it('connects to talk while the microphone is looked at, and publishes with the seat', async () => {
    await world.connection.enter()
    world.connection.prepareSeat(true)
    await settle()
    expect(kinds()).toEqual(['listen', 'talk'])
    expect(world.connects).toHaveBeenCalledTimes(1)
    expect(world.mediaConnection.said).toEqual([])
    await world.sits()
    await settle()
    expect(world.mediaConnection.said).toEqual(['publish muted'])
    expect(world.connects).toHaveBeenCalledTimes(1)
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['they close it', () => world.connection.prepareSeat(false)],
    ['they look at it for too long', () => vi.advanceTimersByTimeAsync(111_000)],
  ])('goes on when no seat is taken after all: %s', async (_, happens) => {
    await world.connection.enter()
    world.connection.prepareSeat(true)
    await settle()
    await happens()
    await settle()
    expect(kinds()).toEqual(['listen', 'talk', 'listen'])
    expect(world.joins).toHaveBeenCalledTimes(1)
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'off' })
  })

  it('goes on undisturbed when the server lets nobody talk', async () => {
    await world.connection.enter()
    world.connects.mockRejectedValue(refusal('room.no_seat'))
    world.connection.prepareSeat(true)
    await vi.advanceTimersByTimeAsync(5000)
    expect(world.connects).toHaveBeenCalledTimes(1)
    expect(kinds()).toEqual(['listen'])
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })

  it('comes back with leaving the seat, without joining anew', async () => {
    await speaking()
    await world.connection.command(async () => ({
      seq: 9,
      at: 9,
      cause: 'stood',
      member: member('me'),
    }))
    world.read.mockResolvedValue(roomWith(9, member('me')))
    world.connection.refresh()
    await settle()
    expect(kinds()).toEqual(['listen', 'talk', 'listen'])
    expect(world.joins).toHaveBeenCalledTimes(1)
    expect(world.mediaConnections[1]?.said.at(-1)).toBe('close')
  })

  it('joins anew when the server has counted us out', async () => {
    await world.connection.enter()
    world.listens.mockRejectedValueOnce(refusal('room.not_here'))
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.joins).toHaveBeenCalledTimes(2)
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })

  it('is not taken back from another device', async () => {
    await world.connection.enter()
    world.listens.mockRejectedValue(refusal('room.elsewhere'))
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it('goes on when the seat was given to somebody else while we were away', async () => {
    await speaking()
    world.joins.mockResolvedValueOnce({ room: roomWith(20, member('me')) })
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.mediaConnection.kind).toBe('listen')
    expect(world.track.stop).toHaveBeenCalled()
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'off' })
  })
})
