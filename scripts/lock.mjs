// npm leaves optional packages of other platforms out of a lock file when it
// cannot see them in the registry at that moment, and `npm ci` then refuses the
// file everywhere. This puts them back, so that every platform can install.
//
//   node scripts/lock.mjs web/package-lock.json           puts them back
//   node scripts/lock.mjs --check web/package-lock.json   only says which lack
import { readFileSync, writeFileSync } from 'node:fs'

const systems = { android: 'android', darwin: 'darwin', freebsd: 'freebsd', linux: 'linux', netbsd: 'netbsd', openbsd: 'openbsd', openharmony: 'openharmony', sunos: 'sunos', win32: 'win32', windows: 'win32', aix: 'aix' }
const processors = { arm: 'arm', arm64: 'arm64', ia32: 'ia32', loong64: 'loong64', ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x', x64: 'x64', mips64el: 'mips64el', wasm32: 'wasm32' }

/** What a name such as @x/y-linux-x64-musl says about its platform. */
function platform(name) {
  const words = name.split(/[/-]/)
  const os = words.map((w) => systems[w]).find(Boolean)
  const cpu = words.map((w) => processors[w]).find(Boolean)
  const libc = words.some((w) => w.startsWith('musl')) ? 'musl' : words.some((w) => w.startsWith('gnu')) && os === 'linux' ? 'glibc' : undefined
  if (!cpu || (!os && cpu !== 'wasm32')) return undefined
  return { cpu: [cpu], ...(os && { os: [os] }), ...(libc && { libc: [libc] }) }
}

/** Whether Node, standing in `at`, would find `name`. */
function found(packages, at, name) {
  for (let from = at; ; ) {
    if (packages[`${from}${from ? '/' : ''}node_modules/${name}`]) return true
    if (!from) return false
    const up = from.lastIndexOf('/node_modules/')
    from = up < 0 ? '' : from.slice(0, up)
  }
}

const args = process.argv.slice(2)
const check = args[0] === '--check'
let bad = false
for (const file of args.slice(check ? 1 : 0)) {
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const added = []
  for (const [at, one] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(one.optionalDependencies ?? {})) {
      if (found(lock.packages, at, name)) continue
      const where = `node_modules/${name}`
      const what = platform(name)
      if (!what || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
        console.error(`${file}: ${name}@${version} is not in it, and what it is for cannot be told`)
        bad = true
        continue
      }
      const { cpu, os, libc } = what
      lock.packages[where] = {
        version,
        cpu,
        ...(one.dev && { dev: true }),
        ...(libc && { libc }),
        ...(one.license && { license: one.license }),
        optional: true,
        ...(os && { os }),
        ...(one.engines && { engines: one.engines }),
      }
      added.push(`${name}@${version}`)
    }
  }
  if (added.length === 0) continue
  if (check) {
    console.error(`${file} lacks packages of other platforms, so npm ci refuses it:\n  ${added.join('\n  ')}\nRun: node scripts/lock.mjs ${file}`)
    bad = true
    continue
  }
  const order = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(order))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${file}: put back ${added.length} packages`)
}
process.exit(bad ? 1 : 0)
