import { expect, it } from 'vitest'
import { apart, languageName, nameList, pick, startI18n } from '.'

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

it('keeps a name from turning the words around it', async () => {
  await startI18n('en')
  expect(apart('أميرة')).toBe('\u2068أميرة\u2069')
  expect(nameList(['Ada', 'Bo'])).toBe('\u2068Ada\u2069 and \u2068Bo\u2069')
})
