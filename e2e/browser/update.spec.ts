import { A, expect, test } from './test.ts'

/** Runs in the page: a browser, or a window, without a service worker. */
function withoutWorker(): void {
  Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')
}

test('a tab older than its server offers the new version, and its room goes on until then', async ({
  member,
}) => {
  const ada = await member('Ada', {
    hz: A,
    before: (context) => context.addInitScript(withoutWorker),
  })
  const { page } = ada
  await ada.open('Until then')
  await ada.unmute()
  let loads = 0
  page.on('domcontentloaded', () => loads++)

  // The server has been updated: it has another client, and the parts of this one are gone.
  const newer = '<script type="module" src="/assets/index-newer.js"></script>'
  await page.route('**/assets/**', (route) => route.fulfill({ status: 404, body: '{}' }))
  await page.route('**/?v=*', (route) => route.fulfill({ contentType: 'text/html', body: newer }))
  await ada.press('Minimise')
  const discover = page.getByRole('navigation', { name: 'Main' }).getByRole('link', {
    name: 'Discover',
  })
  await discover.click()
  await expect(page.getByRole('heading', { name: 'There’s a new version of Heyy' })).toBeVisible()
  await expect(page.getByText('No connection')).toBeHidden()
  const dock = page.getByRole('region', { name: 'Your room' })
  await expect(dock.getByRole('button', { name: 'Mute microphone' })).toBeVisible()
  expect(loads, 'nobody is cut off unasked').toBe(0)

  await page.unrouteAll()
  await ada.page.getByRole('main').getByRole('button', { name: 'Reload' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Discover' })).toBeVisible()
  await expect(dock.getByRole('button', { name: 'Unmute microphone' })).toBeVisible()
})
