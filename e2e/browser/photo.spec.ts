import { A, expect, test } from './test.ts'

interface Photo {
  url: string
  width: number
  height: number
}

test('a photo of fifty megapixels, taken with the phone upright, is shrunk and stands upright', async ({
  someone,
}) => {
  test.setTimeout(90_000)
  const ada = await someone('Ada', { hz: A })
  await ada.signUp()
  const { page } = ada
  await page.goto(`${ada.url}/me`)
  await expect(page.getByTestId('photo')).toBeAttached()
  const sent = page.waitForRequest((r) => r.url().endsWith('/api/me/photos'))

  const original = await page.evaluate(async () => {
    // As a sensor gives it: lying, what is above on its left side.
    const canvas = new OffscreenCanvas(8160, 6120)
    const paint = canvas.getContext('2d')
    if (!paint) throw new Error('no canvas')
    paint.fillStyle = '#0000ff'
    paint.fillRect(0, 0, 8160, 6120)
    paint.fillStyle = '#ff0000'
    paint.fillRect(0, 0, 4080, 6120)
    const jpeg = await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer()
    // An APP1 segment with one entry: orientation 6, to be turned right by 90 degrees.
    const exif = new Uint8Array([
      0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01,
      0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ])
    const file = new File([jpeg.slice(0, 2), exif, jpeg.slice(2)], 'IMG.jpg', {
      type: 'image/jpeg',
    })
    const input = document.querySelector<HTMLInputElement>('[data-testid=photo]')
    if (!input) throw new Error('no input')
    const chosen = new DataTransfer()
    chosen.items.add(file)
    input.files = chosen.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
    const whole = await createImageBitmap(file)
    return { width: whole.width, height: whole.height }
  })
  expect(original, 'the test sends what it says').toEqual({ width: 6120, height: 8160 })

  const body = (await sent).postDataBuffer()
  if (body) expect(body.includes('Exif'), 'what the camera wrote stays on the device').toBe(false)
  await expect(page.getByRole('img', { name: 'Photo 1' })).toBeVisible({ timeout: 30_000 })

  const { photos } = await ada.tell<{ photos: Photo[] }>('GET', '/api/me')
  const [photo] = photos
  if (!photo) throw new Error('no photo was kept')
  expect(photo.width / photo.height).toBeCloseTo(3 / 4, 2)
  const colours = await page.evaluate(async (url) => {
    const kept = await createImageBitmap(await (await fetch(url)).blob())
    const canvas = new OffscreenCanvas(kept.width, kept.height)
    const paint = canvas.getContext('2d')
    paint?.drawImage(kept, 0, 0)
    const at = (y: number) =>
      [...(paint?.getImageData(kept.width / 2, kept.height * y, 1, 1).data ?? [])].slice(0, 3)
    return { above: at(0.25), below: at(0.75) }
  }, photo.url)
  expect(colours.above[0], 'red is above').toBeGreaterThan(200)
  expect(colours.below[2], 'blue is below').toBeGreaterThan(200)

  await test.step('a HEIC photo gets advice at once', async () => {
    await page.getByTestId('photo').setInputFiles({
      name: 'IMG.heic',
      mimeType: 'image/heic',
      buffer: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    })
    await expect(page.getByText('This is a HEIC photo')).toBeVisible()
  })
})
