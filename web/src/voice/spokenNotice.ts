import { audioContext } from './audio'

const notices = import.meta.glob<string>('./notices/*.ogg', { query: '?url', import: 'default' })

/**
 * Says aloud, in the language of the screen, that the room is recorded. It does not follow the setting of
 * short tones: whoever comes in is to know.
 */
export async function sayRecorded(language: string): Promise<void> {
  const load = notices[`./notices/recorded-${language}.ogg`] ?? notices['./notices/recorded-en.ogg']
  if (!load) return
  const context = audioContext()
  const sound = await fetch(await load()).then((answer) => answer.arrayBuffer())
  const source = new AudioBufferSourceNode(context, {
    buffer: await context.decodeAudioData(sound),
  })
  source.connect(context.destination)
  source.start()
}
