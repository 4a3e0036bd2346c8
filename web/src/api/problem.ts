/**
 * A refusal with a stable code, as the server words it (RFC 9457), or one of ours:
 * 'offline' (no answer reached us) and 'unreadable' (an answer that is no answer).
 */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly field?: string

  constructor(p: { code: string; status: number; detail: string; field?: string }) {
    super(`${p.code}: ${p.detail}`)
    this.name = 'Problem'
    this.code = p.code
    this.status = p.status
    this.detail = p.detail
    if (p.field !== undefined) this.field = p.field
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
    const text = (key: string) => {
      if (typeof said !== 'object' || said === null || !(key in said)) return undefined
      const value = (said as Record<string, unknown>)[key]
      return typeof value === 'string' ? value : undefined
    }
    const field = text('field')
    return new Problem({
      code: text('code') ?? `http.${response.status}`,
      status: response.status,
      detail: text('detail') ?? text('title') ?? response.statusText,
      ...(field === undefined ? {} : { field }),
    })
  }
}
