import type { EmojiData, SkinTone } from 'frimousse'
import type { TFunction } from 'i18next'
import { Writable } from '../../ui/store'

/** localStorage: the skin tone of this device. */
const TONE = 'heyy.skin-tone'

const tones = ['light', 'medium-light', 'medium', 'medium-dark', 'dark'] as const

/** The groups of Unicode, by the number that the data gives them. */
const groups = {
  smileys: 0,
  people: 1,
  animals: 3,
  food: 4,
  travel: 5,
  activities: 6,
  objects: 7,
  symbols: 8,
  flags: 9,
} as const
const groupKeys = Object.keys(groups) as (keyof typeof groups)[]

type Words = typeof import('./emoji.en.json')
const words = import.meta.glob<{ default: Words }>('./emoji.*.json')

/** Of a language that has no words for them, those in English. */
const inWords = (language: string) => words[`./emoji.${language}.json`] ?? words['./emoji.en.json']

/** The flag for sets of sequences: our target is older than it. */
const sequences: string = 'v'

/** What this browser's own Unicode knows: of a newer emoji it would show the parts, or a box. */
function knows(): (emoji: string) => boolean {
  try {
    const one = new RegExp('^\\p{RGI_Emoji}$', sequences)
    return (emoji) => one.test(emoji)
  } catch {
    // An older browser; what came with its Emoji is nearly all there is.
    return () => true
  }
}

/** What the catalogues call a skin tone. */
export const toneKeys = {
  none: 'none',
  light: 'light',
  'medium-light': 'mediumLight',
  medium: 'medium',
  'medium-dark': 'mediumDark',
  dark: 'dark',
} as const satisfies Record<SkinTone, string>

/** Every emoji, in the words of a language. Fetched when a picker opens, from us. */
export async function emojiIn(language: string, t: TFunction): Promise<EmojiData> {
  const load = inWords(language)
  if (!load) throw new Error('no words for emoji')
  const [{ default: all }, { default: said }] = await Promise.all([import('./emoji.json'), load()])
  const known = knows()
  const label = (key: (typeof tones)[number]) =>
    [key, t(`chats.emoji.tones.${toneKeys[key]}`)] as const
  return {
    locale: language,
    categories: groupKeys.map((key) => ({
      index: groups[key],
      label: t(`chats.emoji.groups.${key}`),
    })),
    skinTones: Object.fromEntries(tones.map(label)) as EmojiData['skinTones'],
    emojis: all.emoji.flatMap(([emoji = '', category, version, ...toned], i) => {
      const [name = emoji, ...tags] = said.words[i] ?? []
      const skins = Object.fromEntries(tones.map((key, n) => [key, toned[n] ?? emoji]))
      if (!known(emoji)) return []
      return {
        emoji,
        category: Number(category),
        version: Number(version),
        label: name,
        tags,
        ...(toned.length > 0 ? { skins: skins as Record<(typeof tones)[number], string> } : {}),
      }
    }),
  }
}

function storedTone(): SkinTone {
  try {
    return tones.find((key) => key === localStorage.getItem(TONE)) ?? 'none'
  } catch {
    return 'none'
  }
}

/** The skin tone that this person has chosen here. Change it with setSkinTone. */
export const skinTone = new Writable<SkinTone>(storedTone())

export function setSkinTone(tone: SkinTone): void {
  skinTone.set(tone)
  try {
    localStorage.setItem(TONE, tone)
  } catch {
    // Chosen for this page alone, then.
  }
}
