import type { Card, Me, Member, Person, Room } from '../../src/api'

type VoiceOf = NonNullable<Person['voice']>

function person(
  id: string,
  name: string,
  voice?: readonly [pitch: number, brightness: number, tempo: number, energy: number],
  resident = false,
): Person {
  if (!voice) return { id, name, resident, verified: false }
  const [pitch_hz, brightness, tempo, energy] = voice
  const made: VoiceOf = { pitch_hz, brightness, tempo, energy }
  return { id, name, resident, verified: id === 'p-nora', voice: made }
}

export const nora = person('p-nora', 'Nora', [208, 0.6, 0.5, 0.7])
export const luca = person('p-luca', 'Luca Bianchi', [112, 0.4, 0.6, 0.6], true)
export const wei = person('p-wei', '陈思远', [132, 0.5, 0.4, 0.5])
export const amira = person('p-amira', 'أميرة حداد', [226, 0.7, 0.55, 0.6])
export const long = person(
  'p-long',
  'Maximiliana-Theodora von Hohenstein-Wittelsbach',
  [188, 0.3, 0.3, 0.4],
)
/** One word, as long as names and titles may be. */
export const word = person('p-word', 'Wmwmwmwmwm'.repeat(4), [150, 0.5, 0.5, 0.5], true)
const wordy = 'Wmwmwmwmwm'.repeat(8)
export const tom = person('p-tom', 'Tom', [96, 0.8, 0.7, 0.8], true)
export const giulia = person('p-giulia', 'Giulia', [245, 0.5, 0.8, 0.7])
export const xiu = person('p-xiu', '林秀', [262, 0.4, 0.4, 0.5], true)
export const kofi = person('p-kofi', 'Kofi', [104, 0.3, 0.2, 0.7])
export const sara = person('p-sara', 'Sara', [178, 0.9, 0.5, 0.5])
export const ines = person('p-ines', 'Inès', [200, 0.2, 0.6, 0.3])
export const neu = person('p-neu', 'Joschka')

export const me: Me = {
  id: 'p-me',
  email: 'mara@example.org',
  complete: true,
  onboarded: true,
  resident: false,
  name: 'Mara',
  pronouns: 'she/her',
  gender: 'woman',
  language: 'en',
  languages: ['en', 'it'],
  intents: ['dating', 'friends'],
  interests: ['karaoke', 'jazz', 'hiking'],
  birth_date: '1994-05-02',
  age: 31,
  passkeys: 1,
  home: { region: { name: 'Milano', country: 'IT', size: 'city', where: 'same' }, moves_left: 4 },
  voice: { pitch_hz: 192, brightness: 0.5, tempo: 0.5, energy: 0.6 },
  clips: [],
  photos: [],
  badges: [],
  needs: [],
  requests: false,
  chat_limit: 0,
  verified: false,
  shown: true,
  paused: false,
  public: false,
  presence: { mode: 'visible', show_rooms: false },
  read_marks: true,
  preferences: {
    meet: ['man', 'woman'],
    from: 25,
    to: 45,
    intents: [],
    languages: [],
    interests: [],
    verified_only: false,
  },
}
export const mara = person('p-me', 'Mara', [192, 0.5, 0.5, 0.6])
const listeners = [sara, ines, neu, kofi, giulia, xiu, long, amira]

const at = Date.UTC(2026, 2, 6, 19, 40)

function card(
  id: string,
  title: string,
  category: Card['category'],
  language: Card['language'],
  speakers: Person[],
  count: number,
  host = speakers[0] ?? nora,
): Card {
  return {
    id,
    title,
    category,
    language,
    access: 'open',
    seq: 7,
    created_at: at,
    host,
    shape: 'lounge',
    seats: 11,
    speakers,
    listeners: count,
  }
}

export const cards: Card[] = [
  card('r-karaoke', 'Songs nobody admits to loving', 'karaoke', 'en', [nora, luca, xiu, tom], 14),
  card(
    'r-talk',
    'Che cosa ti tiene sveglio la notte? Parliamone piano, senza fretta e senza consigli',
    'talk',
    'it',
    [luca, giulia],
    6,
  ),
  card('r-lang', '一起练口语：今天只说早餐', 'languages', 'zh', [wei, xiu, sara], 21),
  card(
    'r-sport',
    'Derby night, second half',
    'sport',
    'en',
    [tom, kofi, amira, ines, sara, long],
    132,
  ),
  card('r-work', 'First hires: what we got wrong', 'work', 'en', [long], 3),
  card('r-well', 'Ten quiet minutes', 'wellbeing', 'en', [], 1, neu),
]

export const wordyCards: Card[] = [
  card('r-word', wordy, 'talk', 'en', [word, nora], 6),
  card('r-word-2', wordy, 'work', 'en', [word], 3),
  card('r-word-3', wordy, 'wellbeing', 'en', [], 1, word),
]

function member(of: Person, seat: number | undefined, more: Partial<Member> = {}): Member {
  const role = seat === undefined ? 'listener' : 'speaker'
  return {
    person: of,
    role,
    ...(seat === undefined ? {} : { seat }),
    muted: seat === undefined,
    can_speak: true,
    present: true,
    ...more,
  }
}

const hosting = member(nora, 1, { role: 'host' })
const seated = [
  hosting,
  member(luca, 2),
  member(wei, 3, { muted: true }),
  member(long, 5),
  member(amira, 7, { muted: true }),
]
const audience = [giulia, sara, neu, xiu, kofi, ines].map((p) => member(p, undefined))

export const listening = member(mara, undefined)
export const sitting = member(mara, 4, { muted: true })
export const speaking = member(mara, 4, { muted: false })
export const movedBack = member(mara, undefined, { can_speak: false })
export const asHost = member(mara, 1, { role: 'host', muted: false })

export function room(you: Member, more: Partial<Room> = {}): Room {
  const others = you.role === 'host' ? seated.filter((m) => m !== hosting) : seated
  const members = [...others, ...audience, you]
  return {
    id: 'r-karaoke',
    title: 'Songs nobody admits to loving',
    category: 'karaoke',
    access: 'open',
    audience: true,
    language: 'en',
    seq: 12,
    created_at: at,
    host: you.role === 'host' ? mara : nora,
    shape: 'lounge',
    hands: 'open',
    chat: 'on',
    locked: [],
    seats: 11,
    listeners: members.filter((m) => m.seat === undefined).length,
    members,
    you,
    ...more,
  }
}

/** Every seat taken, and more listeners than the server names. */
export function crowded(): Room {
  const many = [nora, luca, wei, amira, long, tom, giulia, xiu, kofi, sara, ines]
  const members = [
    ...many
      .slice(0, 11)
      .map((p, i) => member(p, i + 1, i === 0 ? { role: 'host' } : { muted: i % 3 === 1 })),
    ...listeners.filter((p) => !many.slice(0, 11).includes(p)).map((p) => member(p, undefined)),
    listening,
  ]
  return room(listening, {
    members,
    title: '一起练口语：今天只说早餐，从豆浆油条说到卡布奇诺，谁先说英语谁请客',
    category: 'languages',
    listeners: 248,
  })
}

/** A title of one word, and people with such names. */
export function wordyRoom(): Room {
  const you = { ...sitting, muted: false }
  const members = [
    member(word, 1, { role: 'host' }),
    you,
    member(word, undefined),
    member(nora, undefined),
  ]
  return room(you, { members, title: wordy, host: word })
}

/** Just opened: a host, and nobody else yet. */
export function fresh(): Room {
  return room(asHost, {
    members: [asHost],
    listeners: 0,
    title: 'A chat with Mara',
    category: 'talk',
  })
}
