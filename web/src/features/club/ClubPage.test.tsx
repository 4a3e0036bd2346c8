import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { clubScenes, jazz } from '../../../scripts/screens/clubs'
import { api, type Club, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { bonds } from '../../realtime/bonds'
import { listenOwn } from '../../realtime/connection'
import { people, showPage } from '../../testing/page'
import { player } from '../../voice/player'
import { ClubJoinPage } from './ClubJoinPage'
import { ClubPage } from './ClubPage'
import { ClubsPage } from './ClubsPage'

vi.mock('../../realtime/connection', async (real) => ({
  ...(await real<typeof import('../../realtime/connection')>()),
  listenOwn: vi.fn(() => () => {}),
}))
const own = vi.mocked(listenOwn)

let answers: Record<string, unknown>

beforeAll(() => startI18n('en'))
beforeEach(() => {
  answers = {}
  own.mockReturnValue(() => {})
  vi.spyOn(api, 'GET').mockImplementation((async (
    path: string,
    init?: { params?: { path?: Record<string, string> } },
  ) => {
    const at = Object.entries(init?.params?.path ?? {}).reduce(
      (now, [name, value]) => now.replace(`{${name}}`, value),
      path,
    )
    const data = answers[at]
    if (data instanceof Problem) throw data
    if (!data) throw Problem.offline()
    return { data, response: new Response() }
  }) as never)
  vi.spyOn(bonds, 'start').mockReturnValue(() => {})
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  player.stop()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const scene = (name: string) => {
  answers = { ...clubScenes[name]?.api }
  return answers[`/api/clubs/${jazz.id}`] as Club
}
const start = vi.fn(() => <div />)
const show = () =>
  showPage(
    <ClubPage
      club={jazz.id}
      rooms={{
        calendar: () => <div />,
        list: (cards) => <p>{cards.map((card) => card.title).join()}</p>,
        start,
      }}
    />,
  )
const press = async (name: string | RegExp, inside: HTMLElement = document.body) =>
  act(async () => {
    const [button] = within(inside).getAllByRole('button', { name })
    fireEvent.click(button as HTMLElement, { detail: 0 })
  })
const sends = (method: 'POST' | 'PUT' | 'DELETE', data?: object) =>
  vi.spyOn(api, method).mockResolvedValue({ data, response: new Response() } as never)

it('shows a member who is in the club, how they sound, and what is open', async () => {
  scene('club-inside')
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await screen.findByText('Songs nobody admits to loving')
  await screen.findByText('Play all')
  expect(screen.getByRole('button', { name: /Play .*Giulia.* intro/ })).toBeTruthy()
  expect(screen.getAllByText('Founder').length).toBeGreaterThan(0)
  expect(screen.getAllByRole('button', { name: 'Start a room here' })[0]).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Manage/ })).toBeNull()
})

it('plays the voices one after another, in the one player', async () => {
  scene('club-inside')
  const play = vi.spyOn(player, 'play').mockResolvedValue(undefined)
  await show()
  await screen.findByText('Play all')
  await press('Play all')
  const first = play.mock.calls[0]?.[0]
  expect(first?.person?.name).toBe('Giulia')
  const second = first?.next?.()
  expect(second?.person?.id).toBe('p-long')
  expect(second?.previous?.()?.person?.name).toBe('Giulia')
})

it('joins after the rules were read, in the version that was shown', async () => {
  const club = scene('club-outside')
  const post = sends('POST', { ...club, role: 'member' })
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Join')
  const dialog = await screen.findByRole('dialog')
  expect(dialog.textContent).toContain('Let people finish.')
  expect(post).not.toHaveBeenCalled()
  await press('Accept and join', dialog)
  expect(post).toHaveBeenCalledWith('/api/clubs/{club}/join', {
    params: { path: { club: jazz.id } },
    body: { rules_version: 2 },
  })
})

it('has nobody accept rules that have changed while they were read', async () => {
  const club = scene('club-outside')
  const post = vi
    .spyOn(api, 'POST')
    .mockRejectedValue(new Problem({ code: 'club.rules', status: 409, detail: '' }))
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Join')
  const dialog = await screen.findByRole('dialog')
  answers[`/api/clubs/${jazz.id}`] = { ...club, rules: 'Pay first.', rules_version: 3 }
  await act(async () => void window.dispatchEvent(new Event('visibilitychange')))
  await screen.findByText('Pay first.')
  expect(dialog.textContent).toContain('Let people finish.')
  await press('Accept and join', dialog)
  expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { rules_version: 2 } })
  await waitFor(() => expect(dialog.textContent).toContain('Pay first.'))
  await press('Accept and join', dialog)
  expect(post.mock.calls[1]?.[1]).toMatchObject({ body: { rules_version: 3 } })
})

it('asks to join with a note', async () => {
  scene('club-request')
  const put = sends('PUT')
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Ask to join')
  const dialog = await screen.findByRole('dialog')
  fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'I listen a lot' } })
  await press('Accept and ask', dialog)
  expect(put).toHaveBeenCalledWith('/api/clubs/{club}/request', {
    params: { path: { club: jazz.id } },
    body: { rules_version: 2, note: 'I listen a lot' },
  })
})

it('asks a member to accept rules that have changed before anything else', async () => {
  scene('club-rules')
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  expect(screen.queryByRole('button', { name: 'Start a room here' })).toBeNull()
  expect(screen.getAllByRole('button', { name: 'Read the new rules' })[0]).toBeTruthy()
})

it('lets the founder answer requests, and bans only after asking', async () => {
  scene('club-founder')
  const post = sends('POST')
  const put = sends('PUT')
  await show()
  await screen.findByText(/double bass/)
  await press(/^Accept .*Sara/)
  expect(post).toHaveBeenCalledWith('/api/clubs/{club}/requests/{person}', {
    params: { path: { club: jazz.id, person: 'p-sara' } },
    body: { accept: true },
  })
  await press(/^Manage .*Giulia/)
  await act(async () => new Promise((done) => setTimeout(done, 700)))
  await press('Ban from the club', await screen.findByRole('dialog'))
  expect(put).not.toHaveBeenCalled()
  const sure = await screen.findByRole('alertdialog')
  await act(async () => new Promise((done) => setTimeout(done, 700)))
  await press('Ban', sure)
  expect(put).toHaveBeenCalledWith('/api/clubs/{club}/bans/{person}', {
    params: { path: { club: jazz.id, person: 'p-giulia' } },
  })
})

it('shows a link that was made once, for as long and as many as chosen', async () => {
  scene('club-founder')
  const post = sends('POST', { id: 'l', expires_at: 0, most: 100, uses: 0, token: 'secret' })
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Invite people')
  const dialog = await screen.findByRole('dialog')
  fireEvent.click(within(dialog).getByRole('radio', { name: 'A week' }))
  fireEvent.click(within(dialog).getByRole('radio', { name: '100 people' }))
  await press('Make a link', dialog)
  expect(post).toHaveBeenCalledWith('/api/clubs/{club}/links', {
    params: { path: { club: jazz.id } },
    body: { hours: 168, most: 100 },
  })
  expect(screen.getByTestId('club-link').textContent).toContain(`/clubs/${jazz.id}/join/secret`)
})

it('leads a link to the club, and says when it works no more', async () => {
  const club = scene('club-link')
  const post = sends('POST', { ...club, role: 'member' })
  const { at } = await showPage(<ClubJoinPage club={jazz.id} token="secret" />)
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Join')
  await press('Accept and join', await screen.findByRole('dialog'))
  expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { rules_version: 2, invite: 'secret' } })
  expect(at()).toBe(`/clubs/${jazz.id}`)
})

it('says that a link works no more, and leads on', async () => {
  answers = {
    [`/api/clubs/${jazz.id}`]: new Problem({ code: 'club.invite_gone', status: 410, detail: '' }),
  }
  await showPage(<ClubJoinPage club={jazz.id} token="old" />)
  await screen.findByRole('heading', { name: /This link doesn’t work any more/ })
  expect(screen.getByRole('button', { name: 'Go to the clubs' })).toBeTruthy()
})

it('says that a club is gone, and tries again when the line was', async () => {
  answers = {
    [`/api/clubs/${jazz.id}`]: new Problem({ code: 'club.not_found', status: 404, detail: '' }),
  }
  await show()
  await screen.findByRole('heading', { name: 'This club doesn’t exist.' })
})

it('lists one’s clubs and others, each once', async () => {
  answers = { ...clubScenes.clubs?.api }
  await showPage(<ClubsPage />)
  await screen.findByRole('heading', { name: 'Caffè dei lettori' })
  await screen.findByRole('heading', { name: 'Runners who are not fast' })
  expect(screen.getAllByRole('heading', { name: 'Jazz at night' })).toHaveLength(1)
  expect(screen.getByText('New rules')).toBeTruthy()
})

it('founds a club by its name alone', async () => {
  answers = { ...clubScenes['clubs-none']?.api }
  const post = sends('POST', { id: 'k-new' })
  const { at } = await showPage(<ClubsPage />)
  await screen.findByRole('heading', { name: 'No clubs yet' })
  await press('Found a club')
  const dialog = await screen.findByRole('dialog')
  await press('Found the club', dialog)
  expect(within(dialog).getByText(/One letter isn/)).toBeTruthy()
  expect(document.activeElement).toBe(within(dialog).getByLabelText('Name'))
  fireEvent.change(within(dialog).getByLabelText('Name'), { target: { value: 'Night owls' } })
  expect(within(dialog).queryByText(/One letter isn/)).toBeNull()
  await act(async () => {
    fireEvent.submit(dialog.querySelector('form') as HTMLFormElement)
  })
  expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { name: 'Night owls', entry: 'open' } })
  expect(at()).toBe('/clubs/k-new')
})

it('says that there are no other clubs only to whom one’s own are known', async () => {
  answers = { ...clubScenes['clubs-none']?.api, '/api/me/clubs': { clubs: [jazz] } }
  await showPage(<ClubsPage />)
  await screen.findByRole('heading', { name: 'No other clubs yet' })
})

it('says beside the button what the server refuses, until something changes', async () => {
  scene('club-request')
  vi.spyOn(api, 'PUT').mockRejectedValue(
    new Problem({ code: 'club.closed', status: 409, detail: '' }),
  )
  await show()
  await screen.findByRole('heading', { level: 1, name: 'Jazz at night' })
  await press('Ask to join')
  const dialog = await screen.findByRole('dialog')
  await press('Accept and ask', dialog)
  const said = within(dialog)
    .getAllByRole('alert')
    .find((one) => one.textContent !== '')
  expect(said?.closest('footer')).not.toBeNull()
  fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'Once more' } })
  expect(said?.textContent).toBe('')
})

it('reads the club again when a notification comes, and when one comes back to the page', async () => {
  let told: Parameters<typeof listenOwn>[0] | undefined
  own.mockImplementation((listener) => {
    told = listener
    return () => {}
  })
  const club = scene('club-asked')
  await show()
  await screen.findAllByRole('button', { name: 'Take it back' })
  answers[`/api/clubs/${jazz.id}`] = { ...club, asked: undefined, role: 'member' }
  await act(async () => told?.event({ type: 'notifications' } as never))
  expect((await screen.findAllByRole('button', { name: 'Start a room here' }))[0]).toBeTruthy()
  answers[`/api/clubs/${jazz.id}`] = club
  await act(async () => void window.dispatchEvent(new Event('visibilitychange')))
  expect((await screen.findAllByRole('button', { name: 'Take it back' }))[0]).toBeTruthy()
})

it('takes away a request that was taken back, as it looks again', async () => {
  scene('club-founder')
  await show()
  await screen.findByText(/double bass/)
  answers[`/api/clubs/${jazz.id}/requests`] = { requests: [] }
  await act(async () => void window.dispatchEvent(new Event('visibilitychange')))
  await waitFor(() => expect(screen.queryByText(/double bass/)).toBeNull())
})
