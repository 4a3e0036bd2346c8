/** What a browser's recogniser said: lines in order, of which the last may still change. */
interface Heard {
  resultIndex: number
  results: ArrayLike<{ isFinal: boolean; 0?: { transcript: string } }>
}

/** The part of SpeechRecognition that captions need. */
export interface Recogniser {
  lang: string
  continuous: boolean
  interimResults: boolean
  processLocally?: boolean
  onresult: ((heard: Heard) => void) | null
  onend: (() => void) | null
  onerror: ((event: { error: string }) => void) | null
  start(track?: MediaStreamTrack): void
  abort(): void
}

export interface RecogniserClass {
  new (): Recogniser
  available?(wanted: { langs: string[]; processLocally: boolean }): Promise<string>
  install?(wanted: { langs: string[]; processLocally: boolean }): Promise<boolean>
}

/** A line of captions: the same number again changes it. */
export interface CaptionLine {
  line: number
  text: string
  final: boolean
}

export function browserRecogniser(): RecogniserClass | undefined {
  return (globalThis as { SpeechRecognition?: RecogniserClass }).SpeechRecognition
}

const speech: Record<string, string> = { en: 'en-US', it: 'it-IT', zh: 'cmn-Hans-CN' }
const wanted = (language: string) => ({
  langs: [speech[language] ?? language],
  processLocally: true,
})

/**
 * Whether this browser recognises a language on the device, or can after a download. Any other
 * recogniser sends the voice to a third party, and is never used.
 */
export async function recognisesHere(
  made: RecogniserClass | undefined,
  language: string,
): Promise<boolean> {
  if (!made?.available || !('processLocally' in made.prototype)) return false
  try {
    const answer = await made.available(wanted(language))
    return answer === 'available' || (answer === 'downloadable' && made.install !== undefined)
  } catch {
    return false
  }
}

/** A recogniser ends by itself after a silence; started anew more often than this, something is wrong. */
const AGAIN_MS = 300
/** Errors after which a recogniser is not started again. */
const fatal = new Set([
  'not-allowed',
  'service-not-allowed',
  'language-not-supported',
  'audio-capture',
])

/**
 * Captioner turns the microphone of its person into lines, on the device or not at all. It is on from
 * start to stop; stop may come before start has found out whether it can.
 */
export class Captioner {
  #running: Recogniser | undefined
  #turn = 0
  #line = Date.now() % 1_000_000

  constructor(
    private readonly made: RecogniserClass | undefined,
    private readonly said: (line: CaptionLine) => void,
    private readonly later: (fn: () => void, ms: number) => unknown = setTimeout,
  ) {}

  /** Resolves with whether it listens. */
  async start(track: MediaStreamTrack, language: string): Promise<boolean> {
    this.stop()
    const turn = this.#turn
    const { made } = this
    if (!made || !(await recognisesHere(made, language))) return false
    if ((await made.available?.(wanted(language))) === 'downloadable') {
      const installed = await made.install?.(wanted(language)).catch(() => false)
      if (!installed) return false
    }
    return turn === this.#turn && this.#listen(made, track, language)
  }

  stop(): void {
    this.#turn++
    const before = this.#running
    this.#running = undefined
    if (!before) return
    before.onresult = null
    before.onend = null
    before.onerror = null
    before.abort()
  }

  #listen(made: RecogniserClass, track: MediaStreamTrack, language: string): boolean {
    const one = new made()
    one.lang = speech[language] ?? language
    one.continuous = true
    one.interimResults = true
    one.processLocally = true
    // A browser that ignores the wish would send the voice away.
    if (one.processLocally !== true) return false
    this.#running = one
    const first = this.#line
    one.onresult = ({ resultIndex, results }) => {
      for (let i = resultIndex; i < results.length; i++) {
        const result = results[i]
        const text = result?.[0]?.transcript.trim()
        if (!result || !text) continue
        this.#line = Math.max(this.#line, first + i + 1)
        this.said({ line: first + i, text, final: result.isFinal })
      }
    }
    let over = false
    one.onerror = ({ error }) => {
      over ||= fatal.has(error)
    }
    one.onend = () => {
      if (this.#running !== one) return
      this.#running = undefined
      const turn = this.#turn
      if (over || track.readyState === 'ended') return
      this.later(() => turn === this.#turn && this.#listen(made, track, language), AGAIN_MS)
    }
    one.start(track)
    return true
  }
}

/** The most characters of a line that the server takes. */
export const MOST_CHARACTERS = 300
/** One request in so long: the server takes one a second, of all requests of a person. */
export const EVERY_MS = 1500

/** The end of a text, at most as long as a line may be. */
export function lastOf(text: string): string {
  const characters = [...text.replaceAll(/\s+/g, ' ').trim()]
  return characters.slice(-MOST_CHARACTERS).join('')
}

/**
 * Sends lines in a bounded number of requests: of a line that still changes, only how it is when its
 * turn comes. A line that is refused is not sent again.
 */
export class CaptionSender {
  #waiting: CaptionLine[] = []
  #resting = false

  constructor(
    private readonly send: (line: CaptionLine) => Promise<unknown>,
    private readonly later: (fn: () => void, ms: number) => unknown = setTimeout,
  ) {}

  add = (line: CaptionLine): void => {
    // Of the lines that wait, who reads needs the last two.
    this.#waiting = [...this.#waiting.filter((w) => w.line !== line.line), line].slice(-2)
    this.#next()
  }

  clear(): void {
    this.#waiting = []
  }

  #next(): void {
    if (this.#resting) return
    const line = this.#waiting.shift()
    if (!line) return
    this.#resting = true
    this.later(() => {
      this.#resting = false
      this.#next()
    }, EVERY_MS)
    void this.send({ ...line, text: lastOf(line.text) }).catch(() => {})
  }
}
