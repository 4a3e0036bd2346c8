import { decode } from 'blurhash'
import { useEffect, useRef, useState } from 'react'
import type { Photo } from '../../api'
import { useTranslation } from '../../i18n'
import styles from './Chats.module.css'

/** Enough for a blur, and decoded in a millisecond. */
const blurred = 32

/** Photos that have just been opened come slowly out of their blur; later they are simply there. */
const justNowMs = 60_000

export function Photos({
  photos,
  name,
  openedAt,
  onLost,
}: {
  photos: readonly Photo[]
  /** Whose. */
  name: string
  /** Unix ms, by the server's clock. */
  openedAt: number
  /** An address was too old: ask for new ones. */
  onLost(): void
}) {
  const { t } = useTranslation()
  const slow = Math.abs(Date.now() - openedAt) < justNowMs
  return (
    <ul className={styles.photos} data-slow={slow || undefined}>
      {photos.map((photo, i) => (
        <li key={photo.id} style={{ aspectRatio: `${photo.width} / ${photo.height}` }}>
          <Blur hash={photo.blurhash} />
          <Sharp
            key={photo.url}
            url={photo.url}
            alt={t('chats.reveal.photo', { number: i + 1, count: photos.length, name })}
            onLost={onLost}
          />
        </li>
      ))}
    </ul>
  )
}

function Blur({ hash }: { hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    try {
      const pixels = new Uint8ClampedArray(decode(hash, blurred, blurred))
      context.putImageData(new ImageData(pixels, blurred, blurred), 0, 0)
    } catch {
      // A blur that cannot be drawn leaves an empty surface, and the photo comes all the same.
    }
  }, [hash])
  return <canvas ref={canvas} width={blurred} height={blurred} aria-hidden />
}

function Sharp({ url, alt, onLost }: { url: string; alt: string; onLost(): void }) {
  const [there, setThere] = useState(false)
  const asked = useRef(false)
  return (
    <img
      src={url}
      alt={alt}
      data-there={there || undefined}
      onLoad={() => setThere(true)}
      onError={() => {
        if (asked.current) return
        asked.current = true
        onLost()
      }}
    />
  )
}
