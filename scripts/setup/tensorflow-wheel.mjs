// Where TensorFlow's own download is refused: the C library out of its Python wheel, and the binding compiled against it.
// Only the package index, pip and a C++ compiler are needed; the wheel is pinned by its hash.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';
import { SetUpError, megabytes, say } from './say.mjs';

/** @type {Record<string, { name: string, platform: string, bytes: number, sha256: string }>} */
const wheels = {
  x64: {
    name: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    bytes: 273829956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  arm64: {
    name: 'tensorflow',
    platform: 'manylinux_2_27_aarch64',
    bytes: 281828020,
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  },
};
const version = '2.21.0';

/**
 * Fills `work` with deps/ and lib/ as the package expects them.
 * @param {string} packageFolder
 * @param {string} work
 * @param {string} refused why TensorFlow's own installer did not do
 */
export function buildFromWheel(packageFolder, work, refused) {
  const wheel = wheels[process.arch];
  if (process.platform !== 'linux' || !wheel) {
    throw new SetUpError(
      `native TensorFlow is missing: its own installer did not work (${refused}), and on ${process.platform}-${process.arch} there is no other way`,
    );
  }
  need('python3', ['-m', 'pip', '--version'], 'Python 3 with pip', 'python3-pip');
  need('g++', ['--version'], 'a C++ compiler', 'g++');

  say(`downloading the Python wheel ${wheel.name} ${version} for its C library: ${megabytes(wheel.bytes)}`);
  const requirements = path.join(work, 'requirements.txt');
  writeFileSync(requirements, `${wheel.name}==${version} --hash=sha256:${wheel.sha256}\n`);
  // The Python version names the wheel only; the C library in it serves any.
  const wanted = ['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311', '--platform', wheel.platform];
  run(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--timeout=30',
      ...wanted,
      '-d',
      work,
      '-r',
      requirements,
    ],
    'pip could not download the wheel (its reason is above): check the connection to the Python package index',
  );

  say('unpacking the C library and its headers');
  const file = readdirSync(work).find((name) => name.endsWith('.whl')) ?? '';
  run(
    'python3',
    [fileURLToPath(new URL('./unpack-wheel.py', import.meta.url)), path.join(work, file), path.join(work, 'deps')],
    'the wheel could not be unpacked (the reason is above): is the disk full?',
  );
  rmSync(path.join(work, file));
  rmSync(requirements);
  const lib = path.join(work, 'deps/lib');
  for (const name of ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1'])
    symlinkSync('libtensorflow_cc.so.2', path.join(lib, name));
  symlinkSync('libtensorflow_framework.so.2', path.join(lib, 'libtensorflow_framework.so'));

  say('compiling the binding (about 10 s)');
  compile(packageFolder, work);
  // The headers were for the compiler only.
  rmSync(path.join(work, 'deps/include'), { recursive: true });
}

/**
 * @param {string} packageFolder
 * @param {string} work
 */
function compile(packageFolder, work) {
  const output = path.join(work, 'lib/napi-v8');
  mkdirSync(output, { recursive: true });
  const args = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'];
  args.push(
    '-I',
    path.join(root, 'node_modules/node-api-headers/include'),
    '-I',
    path.join(work, 'deps/include'),
    '-I',
    packageFolder,
  );
  args.push(path.join(packageFolder, 'binding/tfjs_backend.cc'), path.join(packageFolder, 'binding/tfjs_binding.cc'));
  args.push(
    '-L',
    path.join(work, 'deps/lib'),
    '-ltensorflow',
    '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  );
  run(
    'g++',
    [...args, '-o', path.join(output, 'part.node')],
    'the TensorFlow binding could not be compiled (the reason is above)',
  );
  renameSync(path.join(output, 'part.node'), path.join(output, 'tfjs_binding.node'));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} what
 * @param {string} debian
 */
function need(command, args, what, debian) {
  if (spawnSync(command, args, { stdio: 'ignore' }).status === 0) return;
  throw new SetUpError(
    `${what} is missing, which native TensorFlow needs where its own download is refused: install it (Debian, Ubuntu: apt-get install ${debian}) and run this again`,
  );
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} failure
 */
function run(command, args, failure) {
  if (spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status !== 0) throw new SetUpError(failure);
}
