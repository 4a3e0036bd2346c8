import type { Request } from '@playwright/test'
import { A, expect, test } from './test.ts'

/** The house's bound for the first page. */
const FIRST_PAGE_BYTES = 250_000

test('the first page brings little JavaScript, and not the media library', async ({
  someone,
  heyy,
}) => {
  const ada = await someone('Ada', { hz: A })
  const scripts: Request[] = []
  ada.page.on('requestfinished', (request) => {
    if (request.resourceType() === 'script') scripts.push(request)
  })
  await ada.page.goto(heyy.url)
  await expect(ada.page.getByLabel('Your email')).toBeVisible()
  await ada.page.waitForLoadState('networkidle')

  let total = 0
  for (const script of scripts) {
    total += (await script.sizes()).responseBodySize // as it came, compressed
    expect(script.url(), 'the media library comes when it is first needed').not.toMatch(/livekit/)
  }
  test.info().annotations.push({
    type: 'first page',
    description: `${total} bytes in ${scripts.length} scripts`,
  })
  expect(scripts.length).toBeGreaterThan(0)
  expect(total).toBeLessThanOrEqual(FIRST_PAGE_BYTES)
})

test('the dev inbox is for this machine alone, not for whom a proxy brings', async ({
  someone,
  heyy,
}) => {
  const near = await someone('Ada', { hz: A })
  expect((await near.context.request.get(`${heyy.url}/api/dev/inbox`)).status()).toBe(200)
  const proxies: Record<string, string>[] = [
    { 'X-Forwarded-For': '203.0.113.7' },
    { Forwarded: 'for=203.0.113.7' },
  ]
  for (const headers of proxies) {
    const far = await someone('Mallory', { hz: A, headers })
    const answer = await far.context.request.get(`${heyy.url}/api/dev/inbox`)
    expect(answer.status()).toBe(404)
    expect(await answer.text()).not.toContain('@')
    await far.page.goto(`${heyy.url}/dev/inbox`)
    await expect(far.page.getByRole('heading', { name: 'There’s no inbox here' })).toBeVisible()
  }
})

test('an address that leads nowhere says so, and leads back', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  await ada.page.goto(`${ada.url}/rooms/01900000-0000-7000-8000-000000000000`)
  await expect(ada.page.getByRole('heading', { name: 'This room is over' })).toBeVisible()
  await ada.press('Go to the rooms')
  await expect(ada.page.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()
})
