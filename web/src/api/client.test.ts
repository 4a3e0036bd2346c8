import { describe, expect, it } from 'vitest'
import { actAs, courier, type Wire } from './client'
import { Problem } from './problem'

function wire(answers: (Response | Error)[]) {
  const sent: { method: string; key: string | null; body: string }[] = []
  const slept: number[] = []
  let keys = 0
  const w: Wire = {
    async fetch(request) {
      sent.push({
        method: request.method,
        key: request.headers.get('Idempotency-Key'),
        body: await request.text(),
      })
      const next = answers.shift()
      if (next === undefined) throw new Error('asked once too often')
      if (next instanceof Error) throw next
      return next
    },
    async sleep(ms) {
      slept.push(ms)
    },
    key: () => `key-${++keys}`,
  }
  return { w, sent, slept }
}

const lost = () => new TypeError('Failed to fetch')
const post = (path: string) =>
  new Request(`http://localhost${path}`, { method: 'POST', body: '{"a":1}' })

describe('the way to the server', () => {
  it('says for whom it acts, but for signing in', async () => {
    const claims: (string | null)[] = []
    const w: Wire = {
      async fetch(request) {
        claims.push(request.headers.get('Heyy-Account'))
        return new Response('{}')
      },
      sleep: async () => {},
      key: () => 'key',
    }
    await courier(w)(post('/api/rooms'))
    actAs('anna')
    for (const path of ['/api/rooms', '/api/sign-out', '/api/sign-in', '/api/sign-in/code']) {
      await courier(w)(post(path))
    }
    await courier(w)(new Request('http://localhost/api/me'))
    expect(claims).toEqual([null, 'anna', 'anna', null, null, 'anna'])
  })

  it('repeats a command whose answer was lost, with the same key and body', async () => {
    const { w, sent, slept } = wire([lost(), lost(), new Response('{}')])
    const response = await courier(w)(post('/api/rooms'))
    expect(response.status).toBe(200)
    expect(sent).toEqual([
      { method: 'POST', key: 'key-1', body: '{"a":1}' },
      { method: 'POST', key: 'key-1', body: '{"a":1}' },
      { method: 'POST', key: 'key-1', body: '{"a":1}' },
    ])
    expect(slept).toEqual([250, 1000])
  })

  it('says offline after the third lost try', async () => {
    const { w } = wire([lost(), lost(), lost()])
    await expect(courier(w)(post('/api/rooms'))).rejects.toMatchObject({
      code: 'offline',
      status: 0,
    })
  })

  it('gives two commands two keys, and reads none', async () => {
    const { w, sent } = wire([new Response('{}'), new Response('{}'), new Response('{}')])
    const send = courier(w)
    await send(post('/api/rooms'))
    await send(post('/api/rooms'))
    await send(new Request('http://localhost/api/me'))
    expect(sent.map((s) => s.key)).toEqual(['key-1', 'key-2', null])
  })

  it('tries signing in once: the code could be used up by the try whose answer was lost', async () => {
    const { w, sent } = wire([lost()])
    await expect(courier(w)(post('/api/sign-in'))).rejects.toMatchObject({ code: 'offline' })
    expect(sent).toHaveLength(1)
  })

  it('does not repeat what the server refused, and throws it as it was said', async () => {
    const refusal = {
      status: 409,
      code: 'room.seat_taken',
      detail: 'Someone just took that seat.',
      field: 'body.seat',
    }
    const { w, sent } = wire([new Response(JSON.stringify(refusal), { status: 409 })])
    const told: Problem[] = []
    const thrown = await courier(w, (p) => told.push(p))(post('/api/rooms')).catch(
      (e: unknown) => e,
    )
    expect(thrown).toBeInstanceOf(Problem)
    expect(thrown).toMatchObject(refusal)
    expect(told).toEqual([thrown])
    expect(sent).toHaveLength(1)
  })

  it('names a refusal that is no problem document by its status', async () => {
    const { w } = wire([new Response('<html>', { status: 502, statusText: 'Bad Gateway' })])
    await expect(courier(w)(post('/api/rooms'))).rejects.toMatchObject({
      code: 'http.502',
      status: 502,
    })
  })

  it.each([
    ['path.event', 'event.not_found'],
    ['path.replay', 'replay.not_found'],
    ['path.club', 'club.not_found'],
    ['path.person', 'person.unknown'],
    ['path.room', 'room.not_found'],
  ])('takes a mangled %s for one that does not exist', async (field, code) => {
    const refusal = { status: 422, code: 'request.invalid', detail: 'No id.', field }
    const { w } = wire([new Response(JSON.stringify(refusal), { status: 422 })])
    const thrown = await courier(w)(post('/api/rooms')).catch((e: unknown) => e)
    expect(thrown).toMatchObject({ status: 404, code, field: undefined })
  })

  it('leaves what is wrong in a form, and what is no id', async () => {
    for (const field of ['body.event', 'path.seat']) {
      const refusal = { status: 422, code: 'request.invalid', detail: 'No.', field }
      const { w } = wire([new Response(JSON.stringify(refusal), { status: 422 })])
      await expect(courier(w)(post('/api/rooms'))).rejects.toMatchObject(refusal)
    }
  })

  it('leaves a read that nobody waits for any more', async () => {
    const stop = new AbortController()
    const { w, sent } = wire([lost()])
    stop.abort()
    const request = new Request('http://localhost/api/rooms', { signal: stop.signal })
    await expect(courier(w)(request)).rejects.toThrow()
    expect(sent.length).toBeLessThanOrEqual(1)
  })
})
