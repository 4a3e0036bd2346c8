import { act, cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type Call, type Me, me, Problem, type QueueStatus } from '../../api'
import { startI18n } from '../../i18n'
import { matches } from '../../realtime/matches'
import { CallFake, callOf } from '../../testing/callFake'
import { fakeElement } from '../../testing/element'
import { people, showPage } from '../../testing/page'
import { type CallsState, noAudio } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { player } from '../../voice/player'
import { session } from '../../voice/session'
import { CallPage, Proposal } from '.'

// Nobody speaks here.
vi.mock('./useEar', () => ({ useEar: () => () => 0 }))

vi.mock('../../voice/audio', () => ({
  audioContext: () => ({ state: 'suspended', resume: async () => {} }),
}))

const now = Date.UTC(2026, 2, 6, 19, 41)
const nothing = async () => undefined

beforeAll(() => startI18n('en'))
beforeEach(() => {
  localStorage.setItem('heyy.mic-checked', '1')
  vi.spyOn(calls, 'start').mockReturnValue(() => {})
  vi.spyOn(calls.clock, 'now').mockReturnValue(now)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
})

const queueOf = (more: Partial<QueueStatus> = {}): QueueStatus => ({
  ...new CallFake().queue,
  looking: 3,
  now,
  ...more,
})
const callIs = (more: Partial<Call> = {}): Call => ({
  ...callOf(new CallFake()),
  deadline_at: now + 15_000,
  now,
  ...more,
})
const ways = {
  onMinimise: vi.fn(),
  onChat: vi.fn(),
  onRoom: vi.fn(),
  profile: <a href="/me">Finish my profile</a>,
}

/** The page, as the store says it stands. */
function pageIs(state: Partial<CallsState>, self: Partial<Me> = {}) {
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: { ...people.me, ...self } })
  vi.spyOn(calls, 'get').mockReturnValue({
    status: 'ready',
    queue: queueOf(),
    call: undefined,
    audio: noAudio,
    ringing: undefined,
    lapsed: false,
    lastMinute: false,
    ...state,
  })
  return showPage(<CallPage {...ways} />)
}
const press = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })

/** A command of the store that goes through. */
const command = (
  name:
    | 'enter'
    | 'cancel'
    | 'setAlert'
    | 'ring'
    | 'accept'
    | 'decline'
    | 'leave'
    | 'extend'
    | 'choose',
) => vi.spyOn(calls, name).mockImplementation(nothing)

it('says how many are looking, and looks with one press', async () => {
  const enter = command('enter')
  await pageIs({})
  expect(screen.getByText('3 people are looking right now.')).toBeTruthy()
  await press('Talk now')
  expect(enter).toHaveBeenCalledWith({ intents: [], languages: [] })
})

it('lets somebody hear themselves before their first call', async () => {
  localStorage.clear()
  const enter = command('enter')
  await pageIs({})
  await press('Talk now')
  expect(screen.getByRole('dialog', { name: 'Can we hear you?' })).toBeTruthy()
  expect(enter).not.toHaveBeenCalled()
})

it('asks a speaker to leave the stage first', async () => {
  const enter = command('enter')
  vi.spyOn(session, 'get').mockReturnValue({
    status: 'live',
    roomId: 'r',
    room: people.room(people.sitting),
    you: people.sitting,
    connection: 'connected',
    mic: 'open',
    playback: 'ok',
  })
  await pageIs({})
  await press('Talk now')
  expect(enter).not.toHaveBeenCalled()
  await press('Leave the stage')
  expect(enter).toHaveBeenCalledOnce()
})

it('says why looking did not begin', async () => {
  vi.spyOn(calls, 'enter').mockResolvedValue(Problem.offline())
  await pageIs({})
  await press('Talk now')
  expect(screen.getByText(/That didn’t go through/)).toBeTruthy()
})

it('offers to tell, where nobody looks', async () => {
  const alert = command('setAlert')
  await pageIs({ queue: queueOf({ looking: 0 }) })
  expect(screen.getByText(/Be the first/)).toBeTruthy()
  await press('Tell me when someone fits')
  expect(alert).toHaveBeenCalledWith(true)
})

it('calls back whoever called', async () => {
  const ring = command('ring')
  vi.spyOn(matches, 'start').mockReturnValue(() => {})
  vi.spyOn(matches, 'get').mockReturnValue({
    ...matches.get(),
    matches: [{ person: people.nora }],
  } as never)
  await pageIs({ queue: queueOf({ missed: [{ person_id: people.nora.id, at: now - 60_000 }] }) })
  await press(/^Call back .*Nora/)
  expect(ring).toHaveBeenCalledWith(people.nora.id)
})

it('sends whoever nobody can meet to their profile', async () => {
  await pageIs({}, { shown: false })
  expect(screen.getByRole('heading', { name: 'Tell people about yourself first' })).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Finish my profile' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Talk now' })).toBeNull()
})

it('says how long one waits, and stops when asked', async () => {
  const cancel = command('cancel')
  await pageIs({
    queue: queueOf({ waiting: true, looking: 4, since: now - 65_000, estimate_ms: 120_000 }),
  })
  expect(screen.getByRole('heading', { name: 'Looking for someone who fits' })).toBeTruthy()
  expect(screen.getByText('4 people are looking right now, including you.')).toBeTruthy()
  expect(screen.getByText('About 2 minutes, going by recent waits.')).toBeTruthy()
  expect(screen.getByText('1:05 so far')).toBeTruthy()
  await press('Stop looking')
  expect(cancel).toHaveBeenCalledOnce()
})

it('claims no waiting time that nobody knows', async () => {
  await pageIs({ queue: queueOf({ waiting: true }) })
  expect(screen.getByText('We can’t estimate the wait right now.')).toBeTruthy()
})

it('offers to try again where the server cannot be reached', async () => {
  const retry = vi.spyOn(calls, 'retry').mockImplementation(async () => {})
  await pageIs({ status: 'offline', queue: undefined })
  expect(screen.getByRole('heading', { name: 'No connection' })).toBeTruthy()
  await press('Try again')
  expect(retry).toHaveBeenCalledOnce()
})

const proposed = (call: Call, onYes = () => {}) =>
  showPage(<Proposal me={people.me} call={call} onYes={onYes} />)

it('introduces somebody by name, age and what both like', async () => {
  await proposed(callIs())
  const dialog = within(screen.getByRole('dialog', { name: /Mei.* is free to talk/ }))
  expect(dialog.getByText('Aged 30–34')).toBeTruthy()
  expect(dialog.getByRole('list', { name: 'What you both like' }).textContent).toBe('Jazz')
  expect(dialog.getByRole('timer', { name: 'Seconds left to answer' }).textContent).toBe('15')
})

it('says hello, and shows the call', async () => {
  const [accept, onYes] = [command('accept'), vi.fn()]
  await proposed(callIs(), onYes)
  await press('Say hello')
  expect(accept).toHaveBeenCalledOnce()
  expect(onYes).toHaveBeenCalledOnce()
})

it('lets somebody pass by without a word', async () => {
  const decline = command('decline')
  await proposed(callIs())
  await press('Not now')
  expect(decline).toHaveBeenCalledOnce()
})

it('leaves alone what plays on once the ringing is over', async () => {
  fakeElement()
  const sound = () => new Blob(['x'])
  await proposed(callIs({ kind: 'direct' }))
  await player.play({ key: 'message', url: '', sound, message: true })
  cleanup()
  expect(player.get()).toMatchObject({ key: 'message', status: 'playing' })

  await proposed(callIs({ kind: 'direct' }))
  await player.play({ key: 'taste', url: '', sound, taste: true })
  cleanup()
  expect(player.get().status).toBe('idle')
})

it('says before the hello that a resident is none of flesh and blood', async () => {
  await proposed(callIs({ person: { ...callIs().person, resident: true } }))
  expect(screen.getByText(/synthetic voice/)).toBeTruthy()
})

it('shows a friend who calls without what both like', async () => {
  await proposed(callIs({ kind: 'direct' }))
  expect(screen.getByRole('dialog', { name: /Mei.* is calling/ })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Answer' })).toBeTruthy()
  expect(screen.queryByRole('list', { name: 'What you both like' })).toBeNull()
})

const online = { ...noAudio, connection: 'connected', mic: 'open', heard: true } as const
const talking = (more: Partial<Call> = {}, audio: Partial<CallsState['audio']> = {}) =>
  pageIs({
    call: callIs({
      state: 'live',
      accepted: true,
      live_at: now - 60_000,
      deadline_at: now + 313_000,
      ...more,
    }),
    audio: { ...online, ...audio },
  })

it('waits for the other hello, and can be taken back', async () => {
  const leave = command('leave')
  await pageIs({ call: callIs({ accepted: true }) })
  expect(screen.getByRole('heading', { name: /Waiting for .*Mei/ })).toBeTruthy()
  await press('Hang up')
  expect(leave).toHaveBeenCalledOnce()
})

it('shows with whom one talks, and the time left', async () => {
  await talking()
  expect(screen.getByRole('heading', { name: /With .*Mei/ })).toBeTruthy()
  expect(screen.getByRole('timer', { name: 'Time left' }).textContent).toBe('5:13')
})

it('mutes, and says when the other one is muted', async () => {
  const muted = vi.spyOn(calls, 'setMuted').mockImplementation(nothing)
  await talking({ they_muted: true })
  expect(screen.getByText(/Mei.* is muted/)).toBeTruthy()
  await press('Mute microphone')
  expect(muted).toHaveBeenCalledWith(true)
})

it('asks for more time once', async () => {
  const extend = command('extend')
  await talking()
  await press(/Ask for 3 more minutes/)
  expect(extend).toHaveBeenCalledOnce()
})

it('says that more time was asked for, and what it takes', async () => {
  await talking({ extend_mine: true })
  expect(screen.getByRole('button', { name: 'Asked', pressed: true })).toBeTruthy()
  expect(screen.getByText(/You’ll get them if .*Mei.* asks, too/)).toBeTruthy()
})

it('says that nobody hears a microphone that is not allowed', async () => {
  const retry = vi.spyOn(calls, 'retryMic').mockImplementation(async () => {})
  await talking({}, { mic: 'denied' })
  expect(screen.getByText(/Nobody can hear you until you allow the microphone/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'No microphone' })).toBeTruthy()
  await press('Try again')
  expect(retry).toHaveBeenCalledOnce()
})

it('brings a call back that another window has', async () => {
  const back = vi.spyOn(calls, 'comeBack').mockImplementation(async () => {})
  await talking({}, { connection: 'elsewhere' })
  await press('Bring it here')
  expect(back).toHaveBeenCalledOnce()
})

it('hangs up, and minimises without hanging up', async () => {
  const leave = command('leave')
  await talking()
  await press('Minimise')
  expect(ways.onMinimise).toHaveBeenCalledOnce()
  expect(leave).not.toHaveBeenCalled()
  await press('Leave the call')
  expect(leave).toHaveBeenCalledOnce()
})

const over = (more: Partial<Call> = {}) =>
  pageIs({
    call: callIs({
      state: 'ended',
      end_reason: 'left',
      live_at: now - 60_000,
      ended_at: now,
      ...more,
    }),
  })

it('asks how it was, and keeps a heart with what was said', async () => {
  const choose = command('choose')
  await over()
  expect(screen.getByRole('heading', { name: /How was your call with .*Mei/ })).toBeTruthy()
  const kind = within(screen.getByRole('radiogroup', { name: /Was .*Mei.* kind/ }))
  fireEvent.click(kind.getByRole('radio', { name: 'Yes' }))
  await press('Heart')
  expect(choose).toHaveBeenCalledWith('heart', { kind: true })
})

it('shows the way to report to whoever did not feel safe', async () => {
  await over()
  const safe = within(screen.getByRole('radiogroup', { name: 'Did you feel safe?' }))
  fireEvent.click(safe.getByRole('radio', { name: 'Not really' }))
  expect(screen.getByText(/Use the shield above/)).toBeTruthy()
})

it('looks for the next one after a choice', async () => {
  const enter = command('enter')
  await over({ choice: 'pass' })
  expect(screen.getByText(/We won’t introduce you two again/)).toBeTruthy()
  await press('Look for someone else')
  expect(enter).toHaveBeenCalledOnce()
})

it('leads two hearts to their conversation', async () => {
  await over({ choice: 'heart', matched: true, person: { ...callIs().person, id: 'mei' } })
  expect(screen.getByRole('heading', { name: /You and .*Mei.* like each other/ })).toBeTruthy()
  await press('Say hi')
  expect(ways.onChat).toHaveBeenCalledWith('mei')
})

it.each([
  ['a call that nobody took', { mine: true, end_reason: 'nothing' }, /Mei.* didn’t answer/],
  ['a call that was missed', { end_reason: 'nothing' }, /Mei.* called/],
  ['somebody who is busy', { mine: true, end_reason: 'busy' }, /Mei.* is in a call/],
  ['a connection that broke', { end_reason: 'lost' }, 'The call dropped'],
] as const)('asks for no choice after %s', async (_, more, title) => {
  await over({ kind: 'direct', live_at: undefined, ...more } as Partial<Call>)
  expect(screen.getByRole('heading', { name: title })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Heart' })).toBeNull()
})
