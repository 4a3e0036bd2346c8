import { inks } from './colour'
import type { Frame } from './gl'
import { type Layer, outline } from './shape'

/** The same aura without WebGL: gradients in the same outlines. */
export function paintFlat(ctx: CanvasRenderingContext2D, size: number, frame: Frame): void {
  const { shape, level, drift, theme, still } = frame
  const half = size / 2
  const ink = inks[theme]
  const css = (part: keyof typeof ink, hue: number, alpha: number) =>
    `oklch(${ink[part][0]} ${shape.plain ? 0.03 : ink[part][1]} ${hue} / ${alpha})`

  ctx.clearRect(0, 0, size, size)
  ctx.save()
  ctx.translate(half, half)
  const trace = (points: readonly (readonly [number, number])[]) => {
    ctx.beginPath()
    for (const [x, y] of points) ctx.lineTo(x * half, y * half)
    ctx.closePath()
  }

  const first = shape.layers[0]
  if (first && (shape.plain || still)) {
    const middle = shape.layers[1] ?? first
    trace(outline(shape.plain ? first : middle, 96))
    ctx.fillStyle = css('body', middle.hue, shape.plain ? 0.07 + 0.2 * level : 0.2)
    ctx.fill()
    ctx.lineWidth = ((shape.plain ? 0.044 : 0.06) + 0.18 * level) * half
    ctx.strokeStyle = css(shape.plain ? 'core' : 'body', middle.hue, 0.6 + 0.4 * level)
    ctx.stroke()
  } else {
    const [veil, body, heart] = shape.layers
    if (veil && body && heart) {
      const lit = (layer: Layer, fill: CanvasGradient) => {
        trace(outline(layer, 96, level, drift))
        ctx.fillStyle = fill
        ctx.fill()
      }
      const [x, y] = [shape.light[0] * half, shape.light[1] * half]
      // The same gradients as a still aura; the voice opens the heart and the veil.
      const around = ctx.createRadialGradient(0, 0, 0, 0, 0, (0.8 + 0.18 * level) * half)
      around.addColorStop(0.55, css('body', veil.hue, 0.6 + 0.4 * level))
      around.addColorStop(1, css('rim', veil.hue, 0))
      lit(veil, around)
      const along = ctx.createLinearGradient(-2 * x, -2 * y, 2 * x, 2 * y)
      along.addColorStop(0, css('rim', veil.hue, 1))
      along.addColorStop(0.45, css('body', body.hue, 1))
      along.addColorStop(1, css('body', heart.hue, 1))
      lit(body, along)
      const [hx, hy] = [x * (0.75 - 0.4 * level), y * (0.75 - 0.4 * level)]
      const spark = ctx.createRadialGradient(hx, hy, 0, hx, hy, (0.42 + 0.3 * level) * half)
      spark.addColorStop(0, css('core', heart.hue, 0.95))
      spark.addColorStop(0.4, css('core', heart.hue, 0.5 + 0.3 * level))
      spark.addColorStop(1, css('core', heart.hue, 0))
      lit(body, spark)
    }
  }
  ctx.restore()
}
