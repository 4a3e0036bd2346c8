/** What a name in an address stands for, as it is refused where there is none. */
const missing: Record<string, string> = {
  'path.call': 'call.not_found',
  'path.club': 'club.not_found',
  'path.event': 'event.not_found',
  'path.message': 'message.not_found',
  'path.moment': 'moment.none',
  'path.person': 'person.unknown',
  'path.replay': 'replay.not_found',
  'path.room': 'room.not_found',
}

/**
 * A refusal with a stable code, as the server words it (RFC 9457), or one of ours:
 * 'offline' (no answer reached us), 'unreadable' (an answer that is no answer), 'no_webrtc' (a browser that
 * cannot play live sound) and 'unexpected'.
 */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly field?: string
  /** In how many seconds asking again makes sense. */
  readonly retryAfter?: number
  /** Tries that are left. */
  readonly left?: number

  constructor(p: {
    code: string
    status: number
    detail: string
    field?: string
    retryAfter?: number
    left?: number
  }) {
    super(`${p.code}: ${p.detail}`)
    this.name = 'Problem'
    this.code = p.code
    this.status = p.status
    this.detail = p.detail
    if (p.field !== undefined) this.field = p.field
    if (p.retryAfter !== undefined) this.retryAfter = p.retryAfter
    if (p.left !== undefined) this.left = p.left
  }

  /** The server has understood and says no: asking again changes nothing. */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429
  }

  static offline(): Problem {
    return new Problem({ code: 'offline', status: 0, detail: 'No connection to the server.' })
  }

  /** Whatever was thrown, as a Problem; what is none of ours keeps its message. */
  static of(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    return new Problem({ code: 'unexpected', status: 0, detail })
  }

  static async fromResponse(response: Response): Promise<Problem> {
    const said: unknown = await response.json().catch(() => undefined)
    const fields: Record<string, unknown> =
      typeof said === 'object' && said !== null ? { ...said } : {}
    const text = (key: string) => {
      const value = fields[key]
      return typeof value === 'string' ? value : undefined
    }
    const { left } = fields
    const field = text('field')
    const code = text('code') ?? `http.${response.status}`
    // What cannot be an id names nothing: a mangled link, and no form that somebody filled in.
    const nothing = code === 'request.invalid' ? missing[field ?? ''] : undefined
    const after = Number(response.headers.get('Retry-After') ?? Number.NaN)
    return new Problem({
      code: nothing ?? code,
      status: nothing === undefined ? response.status : 404,
      detail: text('detail') ?? text('title') ?? response.statusText,
      ...(field === undefined || nothing !== undefined ? {} : { field }),
      ...(Number.isFinite(after) ? { retryAfter: after } : {}),
      ...(typeof left === 'number' ? { left } : {}),
    })
  }
}
