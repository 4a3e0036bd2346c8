import { A, expect, test } from './test.ts'

test('a passkey is added, and opens the door next time', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const { page, context } = ada
  const device = await context.newCDPSession(page)
  await device.send('WebAuthn.enable')
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const me = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Me' })

  await me.click()
  await ada.press('Add a passkey')
  await expect(page.getByText('Passkey added.').first()).toBeVisible()
  const { credentials } = await device.send('WebAuthn.getCredentials', {
    authenticatorId,
  })
  expect(credentials).toHaveLength(1)
  await expect(ada.button(/^Remove the passkey/)).toBeVisible()

  await ada.press('Sign out')
  await expect(page.getByLabel('Your email')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Your email'), 'signed out is signed out').toBeVisible()
  await ada.press('Use a passkey')
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  await me.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()

  // Removed, it opens nothing any more.
  await ada.press(/^Remove the passkey/)
  await ada.press('Remove it')
  await expect(page.getByText('Passkey removed.').first()).toBeVisible()
  await ada.press('Sign out')
  await ada.press('Use a passkey')
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible()
  await expect(page.getByLabel('Your email')).toBeVisible()
})
