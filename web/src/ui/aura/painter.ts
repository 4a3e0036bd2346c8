import { theme } from '../theme'
import { follow, stillness } from './envelope'
import { paintFlat } from './flat'
import { Brush, type Frame } from './gl'
import type { Shape } from './shape'

/** One aura on the screen. */
export type Sitter = {
  canvas: HTMLCanvasElement
  shape: Shape
  /** Device pixels. */
  size: number
  /** 0..1, now. None: it never moves. */
  level?: (() => number) | undefined
}

type Seated = Sitter & { shown: number; drift: number; dirty: boolean }

/** While nobody speaks, this often somebody listens whether they begin. */
const earMs = 50
/** How fast speaking turns the ripples, radians a second at full level. */
const turning = 1.1
const widest = 2048

/**
 * Paints all auras through one WebGL2 context, and copies each into the canvas
 * where it stands in the page: so they scroll, clip and stack as elements do.
 * Frames are drawn only while something moves; in silence a slow ear is all
 * that runs, and nothing at all when no aura on screen has a level.
 */
class Painter {
  #sitters = new Set<Seated>()
  #brush: Brush | undefined | null = null
  #ear: ReturnType<typeof setInterval> | undefined
  #frame = 0
  #last = 0
  #calm = matchMedia('(prefers-reduced-motion: reduce)')

  constructor() {
    this.#calm.addEventListener('change', this.#repaint)
    theme.subscribe(this.#repaint)
    document.addEventListener('visibilitychange', () => {
      this.#listen()
      if (!document.hidden) this.#repaint()
    })
  }

  add(sitter: Sitter): () => void {
    const seated: Seated = { ...sitter, shown: 0, drift: 0, dirty: true }
    this.#sitters.add(seated)
    this.#listen()
    this.#wake()
    return () => {
      this.#sitters.delete(seated)
      this.#listen()
    }
  }

  #repaint = (): void => {
    for (const s of this.#sitters) s.dirty = true
    this.#wake()
  }

  #listen(): void {
    const wanted = !document.hidden && [...this.#sitters].some((s) => s.level)
    if (wanted && this.#ear === undefined) this.#ear = setInterval(this.#hear, earMs)
    if (!wanted && this.#ear !== undefined) {
      clearInterval(this.#ear)
      this.#ear = undefined
    }
  }

  #hear = (): void => {
    if (this.#frame) return
    if ([...this.#sitters].some((s) => (s.level?.() ?? 0) > stillness)) this.#wake()
  }

  #wake(): void {
    if (this.#frame) return
    this.#last = performance.now()
    this.#frame = requestAnimationFrame(this.#draw)
  }

  #draw = (now: number): void => {
    const dt = Math.min(0.1, Math.max(0, (now - this.#last) / 1000))
    this.#last = now
    let moving = false
    const due: Seated[] = []
    for (const s of this.#sitters) {
      const heard = Math.min(1, Math.max(0, s.level?.() ?? 0))
      const shown = follow(s.shown, heard, dt)
      if (shown !== s.shown || shown > 0) {
        s.drift += shown * dt * turning
        s.shown = shown
        s.dirty = true
        moving = true
      }
      if (s.dirty) due.push(s)
    }
    this.#paint(due)
    this.#frame = moving ? requestAnimationFrame(this.#draw) : 0
  }

  #paint(due: readonly Seated[]): void {
    if (due.length === 0) return
    if (this.#brush === null) this.#brush = Brush.make()
    if (this.#brush?.lost) this.#brush = undefined
    const brush = this.#brush
    const frameOf = (s: Seated): Frame => ({
      shape: s.shape,
      level: s.shown,
      drift: s.drift,
      theme: theme.get(),
      still: this.#calm.matches,
    })

    if (!brush) {
      for (const s of due) {
        const ctx = s.canvas.getContext('2d')
        if (ctx) paintFlat(ctx, s.size, frameOf(s))
        s.dirty = false
      }
      return
    }

    // Shelves: cells side by side until the row is full, then the next row.
    let x = 0
    let y = 0
    let row = 0
    let width = 0
    const cells = due.map((s) => {
      if (x > 0 && x + s.size > widest) {
        x = 0
        y += row
        row = 0
      }
      const cell = { x, y, size: s.size }
      x += s.size
      row = Math.max(row, s.size)
      width = Math.max(width, x)
      return cell
    })
    brush.clear(width, y + row)
    due.forEach((s, i) => {
      const cell = cells[i]
      if (cell) brush.paint(frameOf(s), cell)
    })
    due.forEach((s, i) => {
      const cell = cells[i]
      const ctx = s.canvas.getContext('2d')
      if (!cell || !ctx) return
      const { size } = cell
      ctx.clearRect(0, 0, size, size)
      ctx.drawImage(brush.canvas, cell.x, cell.y, size, size, 0, 0, size, size)
      s.dirty = false
    })
  }
}

let painter: Painter | undefined

/** Made when the first aura appears: tests and servers have no screen. */
export function sit(sitter: Sitter): () => void {
  painter ??= new Painter()
  return painter.add(sitter)
}
