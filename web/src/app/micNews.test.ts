import { expect, it } from 'vitest'
import type { MicState } from '../voice/microphone'
import { micNews } from './micNews'

type Mic = [MicState, string?]

it.each<[string, Mic, Mic, string[]]>([
  ['the first one', ['off'], ['muted', 'Headset'], []],
  ['muting', ['open', 'Headset'], ['muted', 'Headset'], []],
  ['a phone call', ['open', 'Headset'], ['taken', 'Headset'], ['taken']],
  ['its end, in a room', ['taken', 'Headset'], ['muted', 'Headset'], ['backMuted']],
  ['its end, in a call', ['taken', 'Headset'], ['open', 'Headset'], ['back']],
  ['a headset pulled out', ['open', 'Headset'], ['off', 'Headset'], []],
  ['and another one found', ['off', 'Headset'], ['muted', 'Built-in'], ['switchedMuted']],
  ['and none found', ['off', 'Headset'], ['missing', 'Headset'], ['lost']],
  ['a permission taken back', ['open', 'Headset'], ['denied', 'Headset'], ['lost']],
  ['a permission given again', ['denied', 'Headset'], ['muted', 'Headset'], ['backMuted']],
  ['one chosen in a call', ['off', 'Built-in'], ['open', 'Headset'], ['switched']],
  ['a yes', ['ready', 'Headset'], ['open', 'Headset'], []],
  ['standing up', ['muted', 'Headset'], ['off'], []],
  ['one that was never there', ['off'], ['missing'], []],
])('tells of %s', (_, [mic, device], [then, called], said) => {
  const news = micNews({ mic, device }, { mic: then, device: called })
  expect(news.map((n) => n.say)).toEqual(said)
})
