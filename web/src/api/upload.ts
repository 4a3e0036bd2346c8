import { NotDecodable, shrunk } from '../ui/picture'
import { actingAs, answer, api, tellRefusal, uuid } from './client'
import { Problem } from './problem'
import type { Me, Message, MomentAudience, OwnMoment, Verification } from './types'

/** What the device makes of a picture before it goes out, as a Problem if it cannot. */
async function made(picture: Blob): Promise<Blob> {
  try {
    return await shrunk(picture)
  } catch (thrown) {
    if (!(thrown instanceof NotDecodable)) throw thrown
    throw new Problem({ code: 'photo.heic', status: 0, detail: 'This browser cannot decode HEIC.' })
  }
}

/** A recording or a picture is the whole body; the generated types call it a string. */
const raw = (body: Blob) => ({
  body: body as unknown as string,
  bodySerializer: () => body,
  headers: { 'Content-Type': body.type },
})

/** Puts a recording at a place of the profile: 0 is the intro. */
export function publishClip(place: number, prompt: string, sound: Blob): Promise<Me> {
  const params = { path: { place }, query: { prompt } }
  return answer(api.PUT('/api/me/clips/{place}', { params, ...raw(sound) }))
}

/** Sends a voice message; again, it changes nothing. */
export function sendVoice(
  person: string,
  message: string,
  { text, reply, moment }: { text: string; reply?: number; moment?: string },
  sound: Blob,
): Promise<Message> {
  const form = new FormData()
  if (text !== '') form.set('text', text)
  if (reply !== undefined) form.set('reply', String(reply))
  if (moment !== undefined) form.set('moment', moment)
  form.set('audio', sound, 'voice.ogg')
  const params = { path: { person, message } }
  return answer(
    api.PUT('/api/chats/{person}/messages/{message}/voice', {
      params,
      // The generated types call a recording a string. The browser writes the boundary itself.
      body: { audio: '' },
      bodySerializer: () => form,
    }),
  )
}

/** Posts a moment; again, it changes nothing. */
export function postMoment(
  moment: string,
  { text, audience }: { text: string; audience: MomentAudience },
  sound: Blob,
): Promise<OwnMoment> {
  const form = new FormData()
  form.set('audience', audience)
  if (text !== '') form.set('text', text)
  form.set('audio', sound, 'voice.ogg')
  return answer(
    api.PUT('/api/moments/{moment}', {
      params: { path: { moment } },
      body: { audio: '' },
      bodySerializer: () => form,
    }),
  )
}

export function sayPhrase(task: string, sound: Blob): Promise<Verification> {
  const params = { path: { task } }
  return answer(api.PUT('/api/me/verification/{task}/phrase', { params, ...raw(sound) }))
}

export async function takePose(task: string, picture: Blob): Promise<Verification> {
  const params = { path: { task } }
  const body = await made(picture)
  return answer(api.PUT('/api/me/verification/{task}/selfie', { params, ...raw(body) }))
}

/**
 * Adds a photo. Megabytes over a phone's line take a while, and only the old way of asking tells how
 * far they are: progress is called with 0..1.
 */
export async function addPhoto(photo: Blob, progress: (done: number) => void): Promise<Me> {
  const body = await made(photo)
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/me/photos')
    request.setRequestHeader('Content-Type', body.type || 'application/octet-stream')
    request.setRequestHeader('Idempotency-Key', uuid())
    for (const [name, value] of Object.entries(actingAs())) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0)
    request.onerror = () => failed(Problem.offline())
    request.onload = async () => {
      const { status, statusText, responseText } = request
      if (status >= 200 && status < 300) return done(JSON.parse(responseText) as Me)
      const problem = await Problem.fromResponse(new Response(responseText, { status, statusText }))
      tellRefusal(problem)
      failed(problem)
    }
    request.send(body)
  })
}
