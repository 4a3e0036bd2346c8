import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { answer, api } from './client'
import { Problem } from './problem'
import type { Me, Passkey } from './types'

export const passkeysWork = (): boolean =>
  typeof window !== 'undefined' && typeof window.PublicKeyCredential === 'function'

/**
 * What the browser throws, as a Problem: 'passkey.cancelled' when the person said no or let it pass
 * (nothing to complain about), 'passkey.known' when this device has one already.
 */
function browserSaid(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const name = thrown instanceof Error ? thrown.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') {
    return new Problem({ code: 'passkey.cancelled', status: 0, detail: 'Nothing was chosen.' })
  }
  if (name === 'InvalidStateError') {
    return new Problem({ code: 'passkey.known', status: 0, detail: 'Already on this device.' })
  }
  return new Problem({ code: 'passkey.failed', status: 0, detail: name })
}

/** Needed by few, so it is fetched when it is wanted. */
const ceremonies = () => import('@simplewebauthn/browser')

export async function signInWithPasskey(): Promise<Me> {
  try {
    const { startAuthentication } = await ceremonies()
    const { ceremony, options } = await answer(api.POST('/api/sign-in/passkey/start'))
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON
    const credential = { ...(await startAuthentication({ optionsJSON })) }
    const body = { ceremony, credential }
    return (await answer(api.POST('/api/sign-in/passkey/finish', { body }))).me
  } catch (thrown) {
    throw browserSaid(thrown)
  }
}

export async function addPasskey(name: string): Promise<Passkey> {
  try {
    const { startRegistration } = await ceremonies()
    const { ceremony, options } = await answer(api.POST('/api/me/passkeys/start'))
    const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON
    const credential = { ...(await startRegistration({ optionsJSON })) }
    const body = { ceremony, name, credential }
    return await answer(api.POST('/api/me/passkeys/finish', { body }))
  } catch (thrown) {
    throw browserSaid(thrown)
  }
}

/** What people call the thing they hold, as far as the browser tells. */
export function deviceName(agent = navigator.userAgent): string | undefined {
  const known: [RegExp, string][] = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Macintosh/, 'Mac'],
    [/Windows/, 'Windows'],
    [/CrOS/, 'Chromebook'],
    [/Linux/, 'Linux'],
  ]
  return known.find(([pattern]) => pattern.test(agent))?.[1]
}
