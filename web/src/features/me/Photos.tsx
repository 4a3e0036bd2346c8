import { EyeOff, ImagePlus, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { addPhoto, answer, api, type Me, type Photo } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { Button, Icon, IconButton, Sheet, Trouble } from '../../ui'
import page from './Me.module.css'
import styles from './Photos.module.css'
import { useEdit } from './useEdit'

const MOST = limits.photosMost
/** With HEIC by name: who has only that learns what to do, instead of finding it greyed out. */
const TYPES = 'image/*,.heic,.heif'

/** Up to four photos that nobody sees until two people want it at once. */
export function Photos({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  const input = useRef<HTMLInputElement>(null)
  const [done, setDone] = useState<number>()
  const [asked, setAsked] = useState<Photo>()

  async function add(file: File) {
    setDone(0)
    await edit.run(() => addPhoto(file, setDone), t('me.photos.added'))
    setDone(undefined)
  }

  async function remove({ id }: Photo) {
    setAsked(undefined)
    const path = { photo: id }
    await edit.run(
      () => answer(api.DELETE('/api/me/photos/{photo}', { params: { path } })),
      t('me.photos.removed'),
    )
  }

  return (
    <section className={page.section} aria-labelledby="photos">
      <div>
        <h2 id="photos">{t('me.photos.title')}</h2>
        <p className={`${page.note} ${styles.hidden}`}>
          <Icon of={EyeOff} size={20} />
          <span>{t('me.photos.text')}</span>
        </p>
      </div>
      <ul className={styles.photos}>
        {me.photos.map((photo, i) => (
          <li key={photo.id}>
            <Picture photo={photo} alt={t('me.photos.name', { number: i + 1 })} />
            <IconButton
              className={styles.remove}
              icon={Trash2}
              label={t('me.photos.remove', { number: i + 1 })}
              onClick={() => setAsked(photo)}
            />
          </li>
        ))}
        {me.photos.length < MOST && (
          <li>
            <button
              type="button"
              className={styles.add}
              aria-busy={done !== undefined || undefined}
              onClick={() => done === undefined && input.current?.click()}
            >
              {done === undefined ? (
                <>
                  <Icon of={ImagePlus} />
                  <span>{t('me.photos.add')}</span>
                </>
              ) : (
                <>
                  <span>{t('me.photos.sending')}</span>
                  <progress value={done} max={1} aria-label={t('me.photos.sending')} />
                </>
              )}
            </button>
          </li>
        )}
      </ul>
      <input
        ref={input}
        type="file"
        accept={TYPES}
        hidden
        data-testid="photo"
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) void add(file)
        }}
      />
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
      <Sheet
        alert
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={t('me.photos.ask')}
        lead={t('me.photos.askText')}
        actions={
          asked && (
            <>
              <Button look="danger" large full onClick={() => void remove(asked)}>
                {t('me.photos.go')}
              </Button>
              <Button large full onClick={() => setAsked(undefined)}>
                {t('me.photos.keep')}
              </Button>
            </>
          )
        }
      />
    </section>
  )
}

const BLURRED = 32

/** A photo that comes out of its blur. */
function Picture({ photo, alt }: { photo: Photo; alt: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let gone = false
    import('blurhash')
      .then(({ decode }) => {
        const context = canvas.current?.getContext('2d')
        if (gone || !context) return
        const pixels = decode(photo.blurhash, BLURRED, BLURRED)
        context.putImageData(new ImageData(new Uint8ClampedArray(pixels), BLURRED, BLURRED), 0, 0)
      })
      // Without a blur the photo comes out of the dark.
      .catch(() => undefined)
    return () => {
      gone = true
    }
  }, [photo.blurhash])
  return (
    <span className={styles.picture}>
      <canvas ref={canvas} width={BLURRED} height={BLURRED} aria-hidden />
      <img src={photo.url} alt={alt} loading="lazy" decoding="async" />
    </span>
  )
}
