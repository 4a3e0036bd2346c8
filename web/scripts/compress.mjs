// Writes .br and .gz beside each file of the built client that gets a tenth smaller: the
// server sends them as they are (internal/edge/httpapi/files.go).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const text = /\.(js|css|html|svg|wasm|webmanifest)$/

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  const plain = readFileSync(file)
  for (const [extension, small] of [
    ['.br', brotliCompressSync(plain)],
    ['.gz', gzipSync(plain, { level: 9 })],
  ]) {
    if (small.length < plain.length * 0.9) writeFileSync(file + extension, small)
  }
}
