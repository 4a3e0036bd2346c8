import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'
import { buttonKeys, catalogue, catalogued, decks, sources } from '../testing/catalogues'

/**
 * What a friendly native speaker would never say, as far as a machine hears it. A rule finds every
 * sentence of `bad` and none of `good`; the catalogues and the decks have none that it finds.
 */
interface Rule {
  says: string
  /** The languages it is about; all without. */
  of?: readonly string[]
  finds(text: string): boolean
  bad: readonly string[]
  good: readonly string[]
  /** The messages it is about, by key and English text; all without. */
  about?(key: string, english: string): boolean
}

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)

const english = catalogue('en')
const buttons = buttonKeys(sources)
const inMessages = (key: string) => english.has(key)
const onButton = (key: string) => buttons.has(key)

type Elements = ReturnType<IntlMessageFormat['getAst']>

const parsed = (message: string): Elements =>
  new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst()

/** A text as it is read, once for each way through its plurals and selects; values stay `{name}`. */
function readings(message: string): string[] {
  const read = (elements: Elements): string[] =>
    elements.reduce<string[]>(
      (before, element) => before.flatMap((text) => one(element).map((more) => text + more)),
      [''],
    )
  const one = (element: Elements[number]): string[] => {
    if ('options' in element) {
      return Object.values(element.options).flatMap(({ value }) => read(value))
    }
    if (element.type === 0) return [element.value]
    return ['value' in element ? `{${element.value}}` : '#']
  }
  return read(parsed(message))
}

/** Whether two branches of one choice say the same, or there is but one. */
function sameBranches(message: string): boolean {
  const walk = (elements: Elements): boolean =>
    elements.some((element) => {
      if (!('options' in element)) return false
      const branches = Object.values(element.options).map(({ value }) => value)
      const said = new Set(branches.map((branch) => JSON.stringify(branch)))
      return said.size < branches.length || branches.length < 2 || branches.some(walk)
    })
  return walk(parsed(message))
}

/** How long a button is beside the values it takes. */
const letters = (text: string) => text.replace(/\{\w+\}|#/g, '').length

// Values that are words, written by people or taken from a list: Chinese puts no space around them.
// All others are, or begin and end with, a number.
const words = 'name|names|by|title|place|list|query|category|interest|device|prompt|day|reason'
const han = '[\\p{Script=Han}，。：？！、；]'

const rules: Rule[] = [
  {
    says: 'uses the quotes of its language',
    of: ['en', 'zh'],
    finds: matches(/["'`«»„]/),
    bad: ['the room "Jazz"', "don't", 'the room «Jazz»'],
    good: ['the room “Jazz”', 'don’t'],
  },
  {
    says: 'uses the quotes of its language',
    of: ['it'],
    finds: matches(/["'`“”„]/),
    bad: ['la stanza "Jazz"', 'la stanza “Jazz”', "l'audio"],
    good: ['la stanza «Jazz»', 'l’audio'],
  },
  {
    says: 'has no stray spaces and no dots in a row',
    finds: matches(/^\s|\s$|\s{2}|\.\.|\s[,.;:?!](?!\w)/),
    bad: [' Save', 'Save ', 'a  b', 'Wait...', 'What ?'],
    good: ['Save', 'My city at night sounds like …', 'Wait.'],
  },
  {
    says: 'ends no button with a full stop',
    about: onButton,
    finds: matches(/[.。]$/),
    bad: ['Save.', '保存。'],
    good: ['Save', '保存'],
  },
  {
    says: 'keeps buttons short',
    of: ['en'],
    about: onButton,
    finds: (text) => letters(text) > 30,
    bad: ['Please take me back to all of the rooms'],
    good: ['Tell me when someone new fits', 'Back to the call with {name}'],
  },
  {
    says: 'keeps buttons short',
    of: ['it'],
    about: onButton,
    finds: (text) => letters(text) > 20,
    bad: ['Avvisami quando arriva qualcuno', 'Manda un altro codice'],
    good: ['Rispondi a una carta', 'Vedi circa {count} persone'],
  },
  {
    says: 'keeps buttons short',
    of: ['zh'],
    about: onButton,
    finds: (text) => letters(text.replace(/\s/g, '')) > 6,
    bad: ['有新的人出现时提醒我'],
    good: ['添加通行密钥', '回到和{name}的通话'],
  },
  {
    says: 'contracts, as people do when they talk',
    of: ['en'],
    finds: matches(
      /\b(cannot|can not|(do(?! not disturb)|does|did|is|are|was|were|has|have|had|will|would|could|should|must) not)\b|\b(you|we|they) (are|will)(?= \w)|(?<!of )\b(it|that|there) (is|will)(?= \w)|\bI (am|will)(?= \w)|\blet us\b/i,
    ),
    bad: ['You cannot sit.', 'You do not meet.', 'You are in a call.', 'They will see it.'],
    good: [
      'You can’t sit.',
      'How much of that is left?',
      'Who you are, and how you sound.',
      'I am',
      'This is you',
      'Do not disturb',
    ],
  },
  {
    says: 'says nothing that only books say',
    of: ['en'],
    finds: matches(
      /\b(anew|whom|whose|are the most|shall|ought|thus|hence|upon|whilst|stumbl\w+|slept|asleep)\b/i,
    ),
    bad: ['Record anew', 'People whom you block', 'This page stumbled'],
    good: ['Record again', 'People you block'],
  },
  {
    says: 'has one word for each thing',
    about: inMessages,
    of: ['en'],
    finds: matches(
      /\b(somebody|everybody|anybody|users?|log ?(in|out|ged)|e-mails?|mics?|mailbox|letters? to|pictures?|images?|clips?|chatrooms?|moderator of|owners?|members? of the room|chairs?|friend requests?|silence (him|her|them)|application)\b/i,
    ),
    bad: ['Somebody is there', 'Log in', 'Your e-mail', 'Turn your mic on', 'Choose a picture'],
    good: [
      'Someone is there',
      'Sign in',
      'Your email',
      'Turn your microphone on',
      'Choose a photo',
    ],
  },
  {
    says: 'puts no article before a date or a time',
    of: ['it'],
    finds: matches(
      /\b(il|lo|la|i|le|del|dal|dalle|dalla|al|alle|alla|nel|sul|fino al|fino alle|dell’|dall’|all’)\s*\{(date|day|time|until|from|ago)\}/i,
    ),
    bad: ['Vi piacete dal {day}', 'Aggiunta il {date}', 'Fino alle {until}'],
    good: ['Match: {day}', 'Aggiunta: {date}', 'In corso. Fine: {until}.'],
  },
  {
    says: 'makes no participle agree with «ti» or «sei»',
    of: ['it'],
    finds: matches(
      /\bti (ha|hanno|abbiamo|avevamo) (?!fatto|chiesto|detto|dato|mandato|scritto)\p{L}+(at|ut|it|st|ss)[oaie](?! (il|lo|la|i|gli|le|un|una|l’))\b|\b(sei|ti sei|sarai|eri) (stat|pront|sicur|entrat|uscit|iscritt|bloccat|sedut|sentit|conness|verificat|invitat)[oa]\b/iu,
    ),
    bad: ['L’host ti ha spostato', 'Sei pronto?', 'Ti sei sentita al sicuro?'],
    good: ['L’host ti ha fatto uscire', 'Ti ha migliorato le giornate', 'Ti sentivi al sicuro?'],
  },
  {
    says: 'has one word for each thing',
    about: inMessages,
    of: ['it'],
    finds: matches(
      /\b((per|nella|la|di) posta|posta elettronica|letter[ae]|e-mail|mail|utent[ei]|chi (conduce|ospita)|padron\w+|(un|l’|gli |il |i |tuoi? |nuov[oi] )incontr[oi]|moderator[ei]|moderatrice|introduzion[ei]|intro|log ?in|smartphone|microfono (è )?(chiuso|aperto|muto|silenziato|attivo|attivato|disattivato))\b/iu,
    ),
    bad: [
      'Guarda nella posta: la posta arriva',
      'Chi conduce ti ha fatto uscire',
      'Microfono chiuso',
      'Un moderatore ascolta',
    ],
    good: [
      'Controlla la tua email',
      'L’host ti ha fatto uscire',
      'Microfono spento',
      'Chi modera ascolta',
      'Chi vorresti incontrare',
    ],
  },
  {
    says: 'never says Chiudi or Annulla where something is deleted',
    of: ['it'],
    about: (_, original) => /\b(remove|end|delete)\b/i.test(original),
    finds: matches(/\b(chiud\w+|annull\w+)\b/i),
    bad: ['Chiudi il match', 'Annulla il match'],
    good: ['Elimina il match'],
  },
  {
    says: 'puts no space around words, and one around numbers',
    of: ['zh'],
    finds: matches(
      new RegExp(
        `${han}\\s+\\{(${words})\\}|\\{(${words})\\}\\s+${han}|\\p{Script=Han}(\\{(?!(${words})\\})\\w+\\}|#)|(\\{(?!(${words})\\})\\w+\\}|#)\\p{Script=Han}`,
        'u',
      ),
    ),
    bad: ['和 {name} 聊', '还有{count}人', '{count}人', '#个房间'],
    good: ['和{name}聊', '还有 {count} 人', '# 个房间', '剩余：{count}'],
  },
  {
    says: 'puts a space between Chinese and Latin',
    of: ['zh'],
    // Words that are written so, and what a person types.
    finds: (text) =>
      /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u.test(
        text.replace(/\{\w+\}/g, '').replace(/K歌|T恤/g, ''),
      ),
    bad: ['Heyy有新版本', '正在打开Heyy'],
    good: ['Heyy 有新版本', 'K歌', '和{name}聊'],
  },
  {
    says: 'uses the punctuation of Chinese',
    of: ['zh'],
    finds: matches(/\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}|\p{Script=Han}\.(?!\w)/u),
    bad: ['你好,世界', '你好.', '真的?'],
    good: ['你好，世界。', '真的？', '链接要以 https:// 加网站名开头'],
  },
  {
    says: 'has one word for each thing',
    about: inMessages,
    of: ['zh'],
    finds: matches(
      /开(个|一个)?房(?!间)|开个房间|主持人|屏蔽|管理员|版主|实名|座位|坐下|离座|台上|上台|下台|静音|用户|电邮|电子邮件|寻找|盲约|爱心|红心|无网络|断网|密匙|会话/u,
    ),
    bad: ['开个房间', '屏蔽{name}', '座位已满', '麦克风是静音的', '在台上'],
    good: ['创建房间', '拉黑{name}', '麦位已满', '已闭麦', '正在麦上', '打开房间'],
  },
  {
    says: 'does without words that only translations have',
    of: ['zh'],
    finds: matches(/被你|被对方|被我们|一个一个地|进行(了|着)|对于|关于它|它们/u),
    bad: ['{name}被你拉黑', '我们对它们进行了审核'],
    good: ['已拉黑{name}', '麦克风被禁用'],
  },
]

const about = (rule: Rule, language: string) => !rule.of || rule.of.includes(language)

describe.each(rules)('the rule that a language $says ($of)', (rule) => {
  it('finds what breaks it', () => {
    expect(rule.bad.filter((text) => !rule.finds(text))).toEqual([])
  })

  it('lets pass what keeps it', () => {
    expect(rule.good.filter((text) => rule.finds(text))).toEqual([])
  })
})

describe.each(catalogued)('%s', (language) => {
  const messages = catalogue(language)
  const all = new Map([...messages, ...decks(language)])

  it.each(rules.filter((rule) => about(rule, language)))('$says', (rule) => {
    const wrong: string[] = []
    for (const [key, message] of all) {
      if (rule.about && !rule.about(key, english.get(key) ?? '')) continue
      const found = readings(message).find(rule.finds)
      if (found !== undefined) wrong.push(`${key}: ${found}`)
    }
    expect(wrong).toEqual([])
  })

  it('has no choice whose branches say the same', () => {
    const wrong = [...messages].filter(([, message]) => sameBranches(message))
    expect(wrong).toEqual([])
  })
})

describe('branches that say the same', () => {
  it('are found', () => {
    expect(sameBranches('{n, plural, one {# in ascolto} other {# in ascolto}}')).toBe(true)
    expect(sameBranches('{n, plural, other {# 人}}')).toBe(true)
    expect(sameBranches('{a, select, yes {{n, plural, other {#}}} other {}}')).toBe(true)
    expect(sameBranches('{n, plural, one {# room} other {# rooms}}')).toBe(false)
    expect(sameBranches('{name} ({n, number})')).toBe(false)
  })
})

describe('buttons', () => {
  it('are found in the components', () => {
    const file = (text: string) => [{ name: 'a.tsx', text }]
    const found = buttonKeys(
      file(`<>
        <Button title={t('no.title')} onClick={() => say(t('no.said'))}>
          {busy ? t('a.busy') : t(on ? 'a.on' : 'a.off')}
        </Button>
        <Link className={buttonClass({})}>{t('a.link')}</Link>
        <EmptyState action={<Link className={buttonClass({})}>{t('a.go')}</Link>}>{t('no.text')}</EmptyState>
        <MicButton word={t('a.word')} label={t('no.label')} />
      </>`),
    )
    expect([...found].sort()).toEqual(['a.busy', 'a.go', 'a.link', 'a.off', 'a.on', 'a.word'])
    expect(buttons.size).toBeGreaterThan(80)
    expect([...buttons].filter((key) => !english.has(key))).toEqual([])
  })
})
