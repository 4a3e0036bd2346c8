import i18next from 'i18next'
import { afterEach, expect, it, vi } from 'vitest'
import { isolate, languageName, nameList, pick, setLanguage, startI18n } from '.'
import { limits } from './vocabulary.gen'

const fetched = () => Object.keys(i18next.store.data)

afterEach(() => {
  vi.doUnmock('./it.json')
  vi.resetModules()
})

it('fetches the language shown, and no other', async () => {
  await startI18n('it')
  expect(fetched()).toEqual(['it'])
  expect(document.documentElement.lang).toBe('it')
  expect(i18next.t('common.close')).toBe('Chiudi')
  await setLanguage('zh', false)
  expect(fetched()).toEqual(['it', 'zh'])
})

it('speaks English where the catalogue wanted cannot be fetched', async () => {
  vi.doMock('./it.json', () => Promise.reject(new Error('offline')))
  vi.resetModules()
  const fresh = await import('.')
  await fresh.startI18n('it')
  expect(fresh.language()).toBe('en')
  expect(document.documentElement.lang).toBe('en')
  expect(fresh.translate('common.close')).toBe('Close')
})

it('keeps the language shown where the next one cannot be fetched', async () => {
  vi.doMock('./it.json', () => Promise.reject(new Error('offline')))
  vi.resetModules()
  const fresh = await import('.')
  await fresh.startI18n('zh')
  await fresh.setLanguage('it', false)
  expect(fresh.language()).toBe('zh')
  expect(fresh.translate('common.close')).toBe('关闭')
})

it('finds the nearest language somebody asks for', () => {
  const offered = ['en', 'it', 'zh']
  expect(pick(['zh-Hans-CN', 'en'], offered)).toBe('zh')
  expect(pick(['pt-BR', 'it-CH'], offered)).toBe('it')
  expect(pick(['ja'], offered)).toBe('en')
  expect(pick([], offered)).toBe('en')
})

it('calls a language by its own name', () => {
  expect(languageName('it')).toBe('Italiano')
  expect(languageName('zh')).toBe('中文')
})

it('knows the limits of the server in every sentence', async () => {
  await startI18n('en')
  expect(i18next.t('call.idle.lead')).toContain(`${limits.callMinutes} minutes`)
  expect(i18next.t('problem.account_too_young')).toContain(String(limits.ageLeast))
})

it('keeps a name from turning the words around it', async () => {
  await startI18n('en')
  expect(isolate('أميرة')).toBe('\u2068أميرة\u2069')
  expect(nameList(['Ada', 'Bo'])).toBe('\u2068Ada\u2069 and \u2068Bo\u2069')
})
