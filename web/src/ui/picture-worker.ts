import { smaller } from './picture'

/** Decoding tens of megapixels takes a second, in which the page must go on. */
self.onmessage = async ({ data }: MessageEvent<Blob>) => {
  self.postMessage(await smaller(data).catch(() => undefined))
}
