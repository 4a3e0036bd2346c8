import { act, cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { SignIn } from '.'

beforeAll(() => startI18n('en'))

/** What the server refuses, by path. */
let refuses: Record<string, Problem> = {}
const post = () => vi.mocked(api.POST)

beforeEach(() => {
  refuses = {}
  vi.spyOn(api, 'GET').mockRejectedValue(
    new Problem({ code: 'dev.off', status: 404, detail: '' }) as never,
  )
  vi.spyOn(api, 'POST').mockImplementation((async (path: string) => {
    if (refuses[path]) throw refuses[path]
    return { data: { me: people.me }, response: new Response() }
  }) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

const press = (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const write = (label: string, value: string) =>
  act(async () => {
    fireEvent.change(screen.getByLabelText(label), { target: { value } })
  })

async function askForCode() {
  await showPage(<SignIn />)
  await write('Your email', 'ada@example.org')
  await press('Send me a code')
}

it('sends a code to the address, and asks for it', async () => {
  await askForCode()
  expect(post()).toHaveBeenCalledWith('/api/sign-in/code', {
    body: { email: 'ada@example.org', language: 'en' },
  })
  expect(screen.getByRole('heading', { level: 1, name: 'Check your email' })).toBeTruthy()
  expect(screen.getByText('ada@example.org')).toBeTruthy()
})

it('signs in with the last digit, however the code is written', async () => {
  await askForCode()
  await write('Code', '428-917')
  expect(post()).toHaveBeenLastCalledWith('/api/sign-in', {
    body: { email: 'ada@example.org', code: '428917' },
  })
  expect(me.get()).toMatchObject({ status: 'in', me: { name: people.me.name } })
})

it('says at the field that a code is wrong, and empties it', async () => {
  refuses['/api/sign-in'] = new Problem({ code: 'sign_in.code_wrong', status: 422, detail: '' })
  await askForCode()
  await write('Code', '000000')
  const field = screen.getByLabelText<HTMLInputElement>('Code')
  expect(field.value).toBe('')
  expect(field.getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByText(/This code is wrong or has expired/)).toBeTruthy()
})

it('says at the field that an address is none', async () => {
  refuses['/api/sign-in/code'] = new Problem({
    code: 'email.wrong',
    status: 422,
    detail: '',
    field: 'body.email',
  })
  await askForCode()
  expect(screen.getByLabelText('Your email').getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByRole('button', { name: 'Send me a code' })).toBeTruthy()
})

it('sends another code only after a while', async () => {
  await askForCode()
  const again = screen.getByRole<HTMLButtonElement>('button', { name: /Another code in \d+ sec/ })
  expect(again.disabled).toBe(true)
})

it('asks for the code still, after a reload in the middle of it', async () => {
  await askForCode()
  cleanup()
  await showPage(<SignIn />)
  expect(screen.getByLabelText('Code')).toBeTruthy()
})

it('goes back for another address', async () => {
  await askForCode()
  await press('Use another address')
  expect(screen.getByLabelText<HTMLInputElement>('Your email').value).toBe('ada@example.org')
})

it('tells somebody too young when to come back, and asks nothing more', async () => {
  refuses['/api/sign-in'] = new Problem({ code: 'account.too_young', status: 403, detail: '' })
  await askForCode()
  await write('Code', '428917')
  expect(screen.getByRole('heading', { name: 'Come back when you’re 18' })).toBeTruthy()
  expect(screen.queryByRole('textbox')).toBeNull()
})
