import { Camera } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Trouble } from '../../ui'
import styles from './Selfie.module.css'

/** A picture of oneself in the pose asked for: by the camera here, or by the system's own. */
export function Selfie({ pose, send }: { pose: string; send(picture: Blob): Promise<void> }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const video = useRef<HTMLVideoElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const [stream, setStream] = useState<MediaStream>()
  const [refused, setRefused] = useState(false)
  const [picture, setPicture] = useState<{ blob: Blob; url: string }>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  useEffect(() => {
    if (video.current && stream) video.current.srcObject = stream
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [stream])
  useEffect(() => () => picture && URL.revokeObjectURL(picture.url), [picture])

  const keep = (blob: Blob) => setPicture({ blob, url: URL.createObjectURL(blob) })

  async function open() {
    setPicture(undefined)
    setProblem(undefined)
    try {
      setStream(await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } }))
      setRefused(false)
    } catch {
      setRefused(true)
    }
  }

  function take() {
    const from = video.current
    if (!from?.videoWidth) return
    const canvas = document.createElement('canvas')
    canvas.width = from.videoWidth
    canvas.height = from.videoHeight
    canvas.getContext('2d')?.drawImage(from, 0, 0)
    canvas.toBlob(
      (blob) => {
        if (!blob) return
        keep(blob)
        setStream(undefined)
      },
      'image/jpeg',
      0.9,
    )
  }

  async function hand(of: Blob) {
    setBusy(true)
    setProblem(undefined)
    try {
      await send(of)
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }

  return (
    <div className={styles.selfie}>
      <p className={styles.pose}>{pose}</p>
      {stream && <video ref={video} className={styles.mirror} autoPlay playsInline muted />}
      {picture && <img className={styles.taken} src={picture.url} alt={t('me.selfie.taken')} />}
      {refused && <p className={styles.note}>{t('me.selfie.refused')}</p>}
      <Trouble>{problem && say(problem)}</Trouble>
      {picture ? (
        <>
          <Button look="primary" large full busy={busy} onClick={() => void hand(picture.blob)}>
            {t('me.verify.send')}
          </Button>
          <Button look="plain" full onClick={() => void open()}>
            {t('me.selfie.again')}
          </Button>
        </>
      ) : stream ? (
        <Button look="primary" large full icon={Camera} onClick={take}>
          {t('me.selfie.take')}
        </Button>
      ) : (
        <>
          <Button look="primary" large full icon={Camera} onClick={() => void open()}>
            {t('me.selfie.open')}
          </Button>
          <Button look="plain" full onClick={() => input.current?.click()}>
            {t('me.selfie.file')}
          </Button>
        </>
      )}
      <input
        ref={input}
        type="file"
        accept="image/*,.heic,.heif"
        capture="user"
        hidden
        data-testid="selfie"
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) keep(file)
        }}
      />
    </div>
  )
}
