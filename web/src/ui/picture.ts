/** The longer side of what is sent, pixels; the server keeps less (internal/people/photo). */
const SIDE = 2048
const QUALITY = 0.9

/** A photo is HEIC, and this browser cannot decode it. */
export class NotDecodable extends Error {}

type Canvas = OffscreenCanvas | HTMLCanvasElement

function canvasOf(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height)
  return Object.assign(document.createElement('canvas'), { width, height })
}

function jpegOf(canvas: Canvas): Promise<Blob> {
  if ('convertToBlob' in canvas) {
    return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  }
  return new Promise((done, failed) =>
    canvas.toBlob((b) => (b ? done(b) : failed(new Error('no JPEG'))), 'image/jpeg', QUALITY),
  )
}

/**
 * Decodes a picture, turns it as its EXIF says, and encodes it as a JPEG of SIDE pixels at most.
 * Where it was taken, with what and when, stays on the device. Runs in a worker or in the page.
 */
export async function smaller(photo: Blob): Promise<Blob> {
  const whole = await createImageBitmap(photo, { imageOrientation: 'from-image' })
  const scale = Math.min(1, SIDE / Math.max(whole.width, whole.height))
  const width = Math.max(1, Math.round(whole.width * scale))
  const height = Math.max(1, Math.round(whole.height * scale))
  // The browser's own filter: halving by hand would need a canvas larger than phones allow.
  const fit = await createImageBitmap(whole, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  })
  whole.close()
  const canvas = canvasOf(width, height)
  const paint = canvas.getContext('2d') as CanvasRenderingContext2D | null
  if (!paint) throw new Error('no canvas')
  // A JPEG has no transparency: what is see-through becomes white, not black.
  paint.fillStyle = '#fff'
  paint.fillRect(0, 0, width, height)
  paint.drawImage(fit, 0, 0)
  fit.close()
  return jpegOf(canvas)
}

const brands = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']

/** By its first bytes: systems often give such files no type, or a wrong one. */
async function isHeic(photo: Blob): Promise<boolean> {
  const head = new Uint8Array(await photo.slice(0, 12).arrayBuffer())
  const text = String.fromCharCode(...head)
  return text.slice(4, 8) === 'ftyp' && brands.includes(text.slice(8, 12))
}

function inWorker(photo: Blob): Promise<Blob> {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL('./picture-worker.ts', import.meta.url), { type: 'module' })
    const end = (then: () => void) => {
      worker.terminate()
      then()
    }
    worker.onmessage = ({ data }: MessageEvent<Blob | undefined>) =>
      end(() => (data ? done(data) : failed(new Error('not decodable'))))
    // The worker itself did not come; the page can do the same, only less smoothly.
    worker.onerror = () => end(() => smaller(photo).then(done, failed))
    worker.postMessage(photo)
  })
}

/**
 * What to send of a photo that somebody chose: no larger than needed, upright, and without what the
 * camera wrote into it. A file that no picture can be made of goes as it is: the server says why
 * not. Only for HEIC the reason is known here, and it is thrown.
 */
export async function shrunk(photo: Blob): Promise<Blob> {
  try {
    if (typeof Worker === 'function' && typeof OffscreenCanvas === 'function') {
      return await inWorker(photo)
    }
    return await smaller(photo)
  } catch {
    if (await isHeic(photo)) throw new NotDecodable()
    return photo
  }
}
