import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { toast } from '../../ui'
import { calls } from '../../voice/calls'
import { type RoomState, session } from '../../voice/session'
import { PersonSheet } from './PersonSheet'
import { RoomPage } from './RoomPage'

vi.mock('../../ui/Toast', async (real) => ({
  ...(await real<typeof import('../../ui/Toast')>()),
  toast: vi.fn(),
}))

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.mocked(toast).mockReset()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
})

const roomId = 'r-karaoke'
const roomIs = (state: RoomState) => {
  vi.spyOn(session, 'get').mockReturnValue(state)
  return showPage(<RoomPage roomId={roomId} />)
}
const live = (you: typeof people.listening, more: object = {}) => ({
  status: 'live' as const,
  roomId,
  room: people.room(you),
  you,
  connection: 'connected' as const,
  mic: 'off' as const,
  playback: 'ok' as const,
  ...more,
})
const controls = () => within(screen.getByRole('toolbar', { name: 'Your controls' }))

it('shows who speaks and who listens', async () => {
  await roomIs(live(people.listening))
  expect(screen.getByRole('heading', { name: 'Songs nobody admits to loving' })).toBeTruthy()
  expect(screen.getByRole('button', { name: /Nora.*host/ })).toBeTruthy()
  expect(screen.getByRole('button', { name: /陈思远.*muted/ })).toBeTruthy()
  expect(screen.getAllByRole('button', { name: /Giulia/ }).length).toBeGreaterThan(0)
})

it('lets somebody hear themselves before their first seat', async () => {
  const sit = vi.spyOn(session, 'sit').mockResolvedValue(undefined)
  await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(controls().getByRole('button', { name: 'Take a seat' }))
  })
  expect(screen.getByRole('button', { name: 'Keep listening' })).toBeTruthy()
  expect(sit).not.toHaveBeenCalled()
})

it('tells whoever takes a seat that anybody can listen, once', async () => {
  localStorage.setItem('heyy.mic-checked', '1')
  const sit = vi.spyOn(session, 'sit').mockResolvedValue(undefined)
  const room = { ...people.room(people.listening), shared: true }
  await roomIs(live(people.listening, { room }))
  const press = (name: string) =>
    act(async () => {
      fireEvent.click(screen.getAllByRole('button', { name }).at(-1) as HTMLElement)
    })
  await press('Take a seat')
  expect(sit).not.toHaveBeenCalled()
  expect(screen.getByRole('dialog', { name: 'This room is public' }).textContent).toContain(
    'They don’t see your name or aura.',
  )
  await press('Take the seat')
  expect(sit).toHaveBeenCalledTimes(1)
  await press('Take a seat')
  expect(sit).toHaveBeenCalledTimes(2)
})

it('shows everybody that the room is public, and what that means', async () => {
  const room = { ...people.room(people.listening), shared: true }
  await roomIs(live(people.listening, { room }))
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Public' }))
  })
  expect(screen.getByRole('dialog').textContent).toContain('even without an account')
})

it('lets the host, and nobody else, open the room to anybody', async () => {
  const share = vi
    .spyOn(session, 'share')
    .mockResolvedValue(new Problem({ code: 'offline', status: 0, detail: '' }))
  const open = () =>
    act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'More' }))
    })
  await roomIs(live(people.asHost))
  expect(screen.queryByRole('button', { name: 'Public' })).toBeNull()
  await open()
  const control = screen.getByRole('switch', { name: 'Anyone with the link can listen' })
  expect(control.getAttribute('aria-checked')).toBe('false')
  await act(async () => {
    fireEvent.click(control)
  })
  expect(share).toHaveBeenCalledWith(true)
  expect(control.getAttribute('aria-checked')).toBe('false')
  cleanup()
  await roomIs(live(people.listening))
  await open()
  expect(screen.queryByRole('switch', { name: /^Anyone with the link/ })).toBeNull()
})

it('unmutes a speaker who is muted, and mutes one who is not', async () => {
  const muted = vi.spyOn(session, 'setMuted').mockResolvedValue(undefined)
  await roomIs(live(people.sitting, { mic: 'muted' }))
  fireEvent.click(controls().getByRole('button', { name: 'Unmute microphone' }))
  expect(muted).toHaveBeenLastCalledWith(false)
})

it('says that the microphone is blocked, and how to allow it', async () => {
  await roomIs(live(people.sitting, { mic: 'denied' }))
  const help = controls().getByRole('button', { name: 'No microphone: what to do' })
  await act(async () => {
    fireEvent.click(help)
  })
  expect(screen.getByRole('dialog', { name: 'The microphone is blocked' })).toBeTruthy()
})

it('says that the connection dropped while it comes back', async () => {
  await roomIs(live(people.sitting, { mic: 'muted', connection: 'reconnecting' }))
  expect(screen.getByText(/Your connection dropped/)).toBeTruthy()
})

it('keeps the sheet of somebody who leaves, for they may have to be reported', async () => {
  const here = live(people.listening)
  const get = vi.spyOn(session, 'get').mockReturnValue(here)
  let tell = () => {}
  vi.spyOn(session, 'subscribe').mockImplementation((changed) => {
    tell = changed
    return () => {}
  })
  await showPage(<RoomPage roomId={roomId} />)
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: /陈思远/ }))
  })
  const sheet = screen.getByRole('dialog', { name: /陈思远/ })
  await act(async () => {
    get.mockReturnValue({
      ...here,
      room: { ...here.room, members: here.room.members.filter((m) => m.person.name !== '陈思远') },
    })
    tell()
  })
  expect(within(sheet).getByText('Has left the room')).toBeTruthy()
  expect(within(sheet).getByRole('button', { name: /Block or report/ })).toBeTruthy()
})

it('leaves for the lobby, quietly', async () => {
  const leave = vi.spyOn(session, 'leave').mockReturnValue()
  const { at } = await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(controls().getByRole('button', { name: 'Leave quietly' }))
  })
  await vi.waitFor(() => expect(leave).toHaveBeenCalledOnce())
  expect(at()).toBe('/')
})

it('minimises without leaving', async () => {
  const leave = vi.spyOn(session, 'leave').mockReturnValue()
  const { at } = await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Minimise' }))
  })
  expect(at()).toBe('/')
  expect(leave).not.toHaveBeenCalled()
})

it('says who ended the room, and leads back to the lobby', async () => {
  const { at } = await roomIs({
    status: 'ended',
    roomId,
    why: 'host',
    room: people.room(people.listening),
  })
  expect(screen.getByRole('heading', { name: 'The room has ended' })).toBeTruthy()
  expect(screen.getByText(/Nora.*ended it/)).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Go to the rooms' }))
  })
  expect(at()).toBe('/')
})

it('tries again to enter where the network was gone', async () => {
  const join = vi.spyOn(session, 'join').mockResolvedValue()
  await roomIs({ status: 'failed', roomId, problem: Problem.offline() })
  expect(screen.getByRole('heading', { name: 'No connection' })).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(join).toHaveBeenCalledWith(roomId, undefined)
})

const press = (button: HTMLElement) => act(async () => void fireEvent.click(button))

it('says that a seat was not left', async () => {
  vi.spyOn(session, 'stand').mockResolvedValue(Problem.offline())
  await roomIs(live(people.sitting, { mic: 'muted' }))
  await press(controls().getByRole('button', { name: 'Leave your seat' }))
  expect(toast).toHaveBeenCalledOnce()
})

it('says that the microphone did not open, and nothing where it is closed all the same', async () => {
  vi.spyOn(session, 'setMuted').mockResolvedValue(Problem.offline())
  await roomIs(live(people.sitting, { mic: 'open' }))
  await press(controls().getByRole('button', { name: 'Mute microphone' }))
  expect(toast).not.toHaveBeenCalled()
  cleanup()
  await roomIs(live(people.sitting, { mic: 'muted' }))
  await press(controls().getByRole('button', { name: 'Unmute microphone' }))
  expect(toast).toHaveBeenCalledOnce()
})

it('lets whoever sits and raised a hand unmute, and invites the others', async () => {
  const wei = { ...people.sitting, person: people.wei, seat: 3, muted_by_host: true, hand: 4 }
  const sara = { ...people.listening, person: people.sara, hand: 5 }
  const room = people.room(people.asHost)
  const others = room.members.filter(
    (m) => m.person.id !== people.wei.id && m.person.id !== people.sara.id,
  )
  vi.spyOn(api, 'GET').mockResolvedValue({
    data: { hands: [{ person: people.wei }, { person: people.sara }] },
    response: new Response(),
  } as never)
  const host = vi.spyOn(session, 'host').mockResolvedValue(undefined)
  await roomIs(live(people.asHost, { room: { ...room, members: [...others, wei, sara] } }))
  await press(screen.getByRole('button', { name: '2 hands up' }))
  const sheet = within(await screen.findByRole('dialog'))
  await press(await sheet.findByRole('button', { name: 'Let them unmute' }))
  expect(host).toHaveBeenCalledWith('allow-to-unmute', people.wei.id)
  await press(sheet.getByRole('button', { name: 'Invite' }))
  expect(host).toHaveBeenCalledWith('invite', people.sara.id)
})

it('asks for the microphone, not for a seat, where a host has muted somebody who sits', async () => {
  const you = { ...people.sitting, muted_by_host: true }
  await roomIs(live(you, { mic: 'muted' }))
  const button = controls().getByRole('button', { name: 'A host muted you. Raise hand' })
  expect(button.querySelector('.lucide-mic')).toBeNull()
  await press(button)
  expect(screen.getByRole('dialog').textContent).toContain('can let you unmute')
})

it('brings the question about a person into view, and its answer back to the button', async () => {
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
  await roomIs(live(people.asHost))
  await press(screen.getAllByRole('button', { name: /Luca/ })[0] as HTMLElement)
  const sheet = within(await screen.findByRole('dialog'))
  await press(sheet.getByRole('button', { name: 'Remove from the room' }))
  const question = sheet.getByRole('region', { name: /^Remove .*Luca/ })
  expect(document.activeElement).toBe(question)
  expect(scrolled.mock.contexts).toEqual([question])
  await press(sheet.getByRole('button', { name: 'Cancel' }))
  expect(document.activeElement).toBe(sheet.getByRole('button', { name: 'Remove from the room' }))
})

it('says of somebody who has left already that they will not come back', async () => {
  vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
  const left = { ...people.listening, person: people.luca, present: false }
  await showPage(
    <PersonSheet
      open
      onOpenChange={() => {}}
      id={people.luca.id}
      member={left}
      you={people.asHost}
      room={roomId}
      audience
      cards={false}
    />,
  )
  await press(await screen.findByRole('button', { name: 'Remove from the room' }))
  expect(screen.getByRole('dialog').textContent).toContain('left already')
})

const talkTo = (member: typeof people.listening, more: { crowded?: boolean } = {}) => {
  localStorage.setItem('heyy.mic-checked', '1')
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: people.me })
  const closed = vi.fn()
  const shown = showPage(
    <PersonSheet
      open
      onOpenChange={closed}
      id={member.person.id}
      member={member}
      you={people.listening}
      room={roomId}
      audience
      cards={false}
      {...more}
    />,
  )
  return shown.then(() => closed)
}
const giulia = { ...people.listening, person: people.giulia }
const talk = () => screen.queryByRole('button', { name: 'Talk privately' })

it('marks who is new here, to others', async () => {
  const room = people.room(people.sitting)
  const seated = room.members.find(
    (m) => m.seat !== undefined && m.person.id !== people.sitting.person.id,
  )
  if (!seated) throw new Error('nobody sits')
  const fresh = [people.sitting.person.id, seated.person.id]
  const members = room.members.map((m) => ({ ...m, new_here: fresh.includes(m.person.id) }))
  await roomIs(live(people.sitting, { room: { ...room, members } }))
  const marked = [...document.querySelectorAll<HTMLElement>('[aria-description="New here"]')]
  expect(marked.map((b) => b.dataset.seatOf)).toEqual([seated.person.id])
})

it('offers a private talk to who is here', async () => {
  const offered = vi.spyOn(calls, 'offer').mockResolvedValue(undefined)
  const closed = await talkTo(giulia)
  await press(talk() as HTMLElement)
  expect(offered).toHaveBeenCalledExactlyOnceWith(people.giulia.id)
  expect(closed).toHaveBeenCalledWith(false)
})

it.each([
  ['who has left', { ...giulia, present: false }, {}],
  ['a resident', { ...giulia, person: people.luca }, {}],
  ['who only listens in a crowd', giulia, { crowded: true }],
  ['oneself', people.listening, {}],
])('offers no private talk to %s', async (_, member, more) => {
  await talkTo(member, more)
  expect(screen.getByRole('dialog')).toBeTruthy()
  expect(talk()).toBeNull()
})

it('says why a private talk cannot be offered', async () => {
  const refused = new Problem({ status: 429, code: 'call.rings', detail: '' })
  vi.spyOn(calls, 'offer').mockResolvedValue(refused)
  const closed = await talkTo(giulia)
  await press(talk() as HTMLElement)
  expect(toast).toHaveBeenCalledWith({ text: i18next.t('problem.call_rings') })
  expect(closed).not.toHaveBeenCalled()
})

it('leads to the PIN that is wrong', async () => {
  vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: people.me })
  await roomIs(live(people.asHost))
  await press(screen.getByRole('button', { name: 'More' }))
  await press(screen.getByRole('button', { name: i18next.t('room.entry.title') }))
  fireEvent.click(screen.getByLabelText(i18next.t('room.entry.pin')))
  await press(screen.getByRole('button', { name: 'Save' }))
  const pin = screen.getByLabelText(i18next.t('room.entry.pinLabel'))
  expect(document.activeElement).toBe(pin)
  fireEvent.change(pin, { target: { value: '1' } })
  expect(screen.queryByText(i18next.t('problem.room_pin_shape'))).toBeNull()
})

it('comes back to "More" from what was opened in it', async () => {
  await roomIs(live(people.asHost))
  const more = screen.getByRole('button', { name: 'More' })
  more.focus()
  await press(more)
  const recent = screen.getByRole('button', { name: i18next.t('sound.title') })
  recent.focus()
  await press(recent)
  await act(async () => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
  })
  await waitFor(() => expect(document.activeElement).toBe(more))
})
