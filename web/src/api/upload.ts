import { answer, api, tellRefusal, uuid } from './client'
import { Problem } from './problem'
import type { Me, Verification } from './types'

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

export function sayPhrase(task: string, sound: Blob): Promise<Verification> {
  const params = { path: { task } }
  return answer(api.PUT('/api/me/verification/{task}/phrase', { params, ...raw(sound) }))
}

export function takePose(task: string, picture: Blob): Promise<Verification> {
  const params = { path: { task } }
  return answer(api.PUT('/api/me/verification/{task}/selfie', { params, ...raw(picture) }))
}

/**
 * Adds a photo. Megabytes over a phone's line take a while, and only the old way of asking tells how
 * far they are: progress is called with 0..1.
 */
export function addPhoto(photo: Blob, progress: (done: number) => void): Promise<Me> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/me/photos')
    request.setRequestHeader('Content-Type', photo.type || 'application/octet-stream')
    request.setRequestHeader('Idempotency-Key', uuid())
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0)
    request.onerror = () => failed(Problem.offline())
    request.onload = async () => {
      const { status, statusText, responseText } = request
      if (status >= 200 && status < 300) return done(JSON.parse(responseText) as Me)
      const problem = await Problem.fromResponse(new Response(responseText, { status, statusText }))
      tellRefusal(problem)
      failed(problem)
    }
    request.send(photo)
  })
}
