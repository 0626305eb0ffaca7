// shared/proto/buf/validate/validate.proto is a copy: it must say what the package that enforces the rules says.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { file_buf_validate_validate } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

// Compilers differ only in whether they spell out the JSON names that follow from the field names.
function withoutJsonNames(file: FileDescriptorProto): unknown {
  const text = JSON.stringify(toJson(FileDescriptorProtoSchema, file));
  return JSON.parse(text, (key, value: unknown) => (key === 'jsonName' ? undefined : value));
}

test('the vendored validation rules are the ones that the installed protovalidate enforces', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-proto-'));
  try {
    const image = path.join(folder, 'image.binpb');
    const flags = ['--exclude-source-info', '--as-file-descriptor-set', '-o', image];
    execFileSync(process.execPath, ['node_modules/@bufbuild/buf/bin/buf', 'build', 'shared/proto', ...flags], {
      cwd: root,
    });
    const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(image));
    const vendored = file.find((one) => one.name === 'buf/validate/validate.proto');
    expect(vendored && withoutJsonNames(vendored)).toEqual(withoutJsonNames(file_buf_validate_validate.proto));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
