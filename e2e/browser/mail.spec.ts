import { match } from './couple.ts'
import { address, type Person } from './person.ts'
import { Server } from './server.ts'
import { test as base, expect } from './test.ts'

const test = base.extend<object, { heyy: Server }>({
  heyy: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => {
      const server = await Server.start('--push-mail-after-for-tests', '2s')
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
})

interface Mail {
  to: string
  subject: string
  text: string
}

/** The mails in the inbox, but for sign-in codes. */
async function mails(of: Person): Promise<Mail[]> {
  const inbox = await of.context.request.get(`${of.url}/api/dev/inbox`)
  const all = ((await inbox.json()) as { mails: Mail[] }).mails
  return all.filter((one) => !/\b\d{6}\b/.test(one.subject))
}

test('what waits for somebody without push comes by mail, and its link switches that off', async ({
  member,
  someone,
}) => {
  test.setTimeout(150_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [, benId] = await match(ada, ben)
  await ben.page.goto('about:blank') // he closes Heyy
  const write = (n: number, text: string) =>
    ada.tell('PUT', `/api/chats/${benId}/messages/0193f3a0-0000-7000-8000-00000000000${n}`, {
      text,
    })
  await write(1, 'Are you still at the lake?')

  let link = ''
  await test.step('the mail counts, and neither names nor quotes', async () => {
    await expect
      .poll(async () => (await mails(ada)).filter((one) => /waiting/.test(one.subject)).length, {
        message: 'a mail comes once he is gone for half a minute',
        timeout: 90_000,
      })
      .toBeGreaterThan(0)
    const mail = (await mails(ada)).find((one) => one.text.includes('wrote to you')) as Mail
    expect(mail.text).toContain('1 person wrote to you')
    expect(`${mail.subject} ${mail.text}`).not.toMatch(/Ada|lake/)
    link = /(http:\/\/localhost:\d+\/unsubscribe\/\S+)/.exec(mail.text)?.[1] ?? ''
    expect(link).not.toBe('')
  })

  const is = async () => (await ben.tell<{ email: boolean }>('GET', '/api/me/notifications')).email
  await test.step('opening the link changes nothing, a press does, and another takes it back', async () => {
    const { page } = await someone('Reader') // the browser in which he reads mails is signed in to nothing
    await page.goto(link)
    await expect(
      page.getByRole('heading', { name: 'We email you when something’s waiting' }),
    ).toBeVisible()
    expect(await is()).toBe(true)
    await page.getByRole('button', { name: 'Turn off' }).click()
    await expect(page.getByRole('heading', { name: 'These emails are off' })).toBeVisible()
    expect(await is()).toBe(false)
    await page.reload()
    await page.getByRole('button', { name: 'Turn back on' }).click()
    await expect(page.getByRole('button', { name: 'Turn off' })).toBeVisible()
    expect(await is()).toBe(true)
  })

  await test.step('the switch in the settings is the same', async () => {
    const { page } = ben
    await page.goto(`${ben.url}/me/notifications`)
    const here = page.getByRole('switch', { name: 'Email me when something’s waiting' })
    await expect(here).toBeChecked()
    await here.uncheck()
    await expect.poll(is).toBe(false)
    await page.goto(link)
    await expect(page.getByRole('heading', { name: 'These emails are off' })).toBeVisible()
    await page.goto(`${link}x`)
    await expect(page.getByText('This link doesn’t work any more')).toBeVisible()
  })
})

test('a sign-in from a new device is mailed at once, and the first one is not', async ({
  someone,
}) => {
  const email = address('Ada')
  const signIn = async (by: Person) => {
    await by.tell('POST', '/api/sign-in/code', { email, language: 'en' })
    await by.tell('POST', '/api/sign-in', { email, code: await by.code(email) })
  }
  const warnings = async () => (await mails(phone)).filter((one) => one.to === email)

  const phone = await someone('Ada')
  await signIn(phone)
  await phone.tell('POST', '/api/me/sign-up', {
    birth_date: '1990-05-17',
    name: 'Ada',
    language: 'en',
  })
  await phone.tell('PATCH', '/api/me', { onboarded: true })
  await phone.page.waitForTimeout(1500)
  expect(await warnings()).toEqual([])

  const stranger = await someone('Stranger')
  await signIn(stranger)
  await expect.poll(async () => (await warnings()).length).toBe(1)
  const [mail] = await warnings()
  expect(mail?.text).toMatch(/(Chrome|Edge|Browser|Linux|device)/i)
  expect(mail?.text).toContain('(UTC)')
  const way = /(http:\/\/localhost:\d+\/me)\n/.exec(mail?.text ?? '')?.[1] ?? ''
  await phone.page.goto(way)
  await phone.page.getByRole('button', { name: /^Sign out on / }).click()
  await expect
    .poll(async () => (await stranger.context.request.get(`${stranger.url}/api/me`)).status())
    .toBe(401)
})
