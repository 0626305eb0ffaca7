// Keeps the store's passphrase in the operating system's key store. Where there is none, nobody keeps it: it is typed.
import { safeStorage } from 'electron';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Keeper } from '../window/installation.ts';

const NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Keychain', win32: 'Windows' };

export async function systemKeeper(file: string): Promise<Keeper> {
  const name = await keyStoreName();
  return {
    name: name ?? '',
    keeps: name !== undefined,
    async load() {
      if (name === undefined) return undefined;
      try {
        const { result } = await safeStorage.decryptStringAsync(readFileSync(file));
        return result;
      } catch {
        return undefined; // nothing was kept, or by another user: it is typed
      }
    },
    async save(passphrase) {
      writeFileSync(file, await safeStorage.encryptStringAsync(passphrase));
      chmodSync(file, 0o600);
    },
  };
}

/** On Linux a backend of plain text counts as none, however the system calls it. */
async function keyStoreName(): Promise<string | undefined> {
  try {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return undefined;
    if (process.platform !== 'linux') return NAMES[process.platform] ?? process.platform;
    const backend = safeStorage.getSelectedStorageBackend();
    return backend === 'basic_text' || backend === 'unknown' ? undefined : backend;
  } catch {
    return undefined;
  }
}
