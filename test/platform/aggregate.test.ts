import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstModel } from '../../coordinator/plan.ts';
import { aggregate, type Contribution } from '../../platform/aggregate.ts';
import { openBlobFiles, type BlobFiles } from '../../platform/blob-files.ts';
import { outcomeRecord } from '../../shared/records/round.ts';
import { formsOf } from '../../shared/study/forms.ts';
import { decodeMessage, encodeMessage } from '../../shared/wire/update.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';

const study = tinyStudy();
const { layout } = formsOf(study);
const folders = () => {
  const folder = temporaryFolder();
  const members = new Map<string, BlobFiles>();
  const updates = (member: string) => {
    const files = members.get(member) ?? openBlobFiles(join(folder, member));
    members.set(member, files);
    return files;
  };
  return { models: openBlobFiles(join(folder, 'models')), updates };
};

describe('the aggregate', () => {
  it('is the weighted mean in float64, rounded once, and the model that follows', async () => {
    const { models, updates } = folders();
    const inputModel = await models.put(encodeMessage({ model: Float32Array.of(1, 2) }, layout));
    const contributions: Contribution[] = [
      { member: 'b', blob: await updates('b').put(gradientBytes(4, -2)), weight: 1 },
      { member: 'a', blob: await updates('a').put(gradientBytes(0, 2)), weight: 3 },
    ];
    const made = await aggregate({ study, models, updates, inputModel, contributions });
    const message = decodeMessage(new Uint8Array(await models.read(made.aggregate)), ['gradient'], layout);
    expect([...message['gradient']!]).toEqual([1, 1]);
    const model = decodeMessage(new Uint8Array(await models.read(made.model)), ['model'], layout);
    expect([...model['model']!]).toEqual([0.5, 1.5]);
    expect(made.bytes).toBe(formsOf(study).model.size);
  });

  it('has the same bytes whatever the order of arrival', async () => {
    const { models, updates } = folders();
    const inputModel = (await models.write(firstModel(study))).hash;
    // Values so far apart that a sum in another order is another sum.
    const value = fc.constantFrom(...[1, -1, 1e-3, 0.1, 1e30, -1e30].map(Math.fround));
    const updatesOf = fc.array(fc.tuple(value, value, fc.constantFrom(1, 2)), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(updatesOf, fc.infiniteStream(fc.nat()), async (values, random) => {
        const inOrder: Contribution[] = [];
        for (const [i, [kernel, bias, weight]] of values.entries()) {
          const member = `m${i}`;
          inOrder.push({ member, weight, blob: await updates(member).put(gradientBytes(kernel, bias)) });
        }
        const arrived = inOrder.toSorted(() => (random.next().value % 2) - 0.5);
        const [first, second] = [inOrder, arrived].map((contributions) =>
          aggregate({ study, models, updates, inputModel, contributions }),
        );
        expect(await second).toEqual(await first);
      }),
      { numRuns: 30 },
    );
  });

  it('adds in the order of member ids where that changes the sum', async () => {
    const { models, updates } = folders();
    const inputModel = (await models.write(firstModel(study))).hash;
    const contributions: Contribution[] = [];
    for (const [member, value] of [
      ['a', 1e30],
      ['c', -1e30],
      ['b', 3],
    ] as const)
      contributions.push({ member, weight: 1, blob: await updates(member).put(gradientBytes(value, value)) });
    const { aggregate: hash } = await aggregate({ study, models, updates, inputModel, contributions });
    const message = decodeMessage(new Uint8Array(await models.read(hash)), ['gradient'], layout);
    // 1e30 + 3 is 1e30 in float64; in the order of arrival the mean would be 1.
    expect([...message['gradient']!]).toEqual([0, 0]);
  });

  it('takes vectors longer than a block, and the blocks change nothing', async () => {
    const wide = tinyStudy([
      'model.layers',
      [600, 600, 1].map((units) => ({ class_name: 'Dense', config: { units } })),
    ]);
    const forms = formsOf(wide);
    const { models, updates } = folders();
    const inputModel = (await models.write(firstModel(wide))).hash;
    const length = forms.layout.reduce((sum, parameter) => sum + parameter.length, 0);
    const contributions: Contribution[] = [];
    for (const [member, weight] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      const gradient = Float32Array.from({ length }, (_, i) => (i % 1000) * weight);
      contributions.push({
        member,
        weight,
        blob: await updates(member).put(encodeMessage({ gradient }, forms.layout)),
      });
    }
    const made = await aggregate({ study: wide, models, updates, inputModel, contributions });
    const { gradient } = decodeMessage(new Uint8Array(await models.read(made.aggregate)), ['gradient'], forms.layout);
    // (1 * v + 2 * 2v) / 3
    const expected = Float32Array.from({ length }, (_, i) => ((i % 1000) * 5) / 3);
    expect(
      Buffer.from(gradient!.buffer, gradient!.byteOffset, gradient!.byteLength).equals(Buffer.from(expected.buffer)),
    ).toBe(true);
  });

  it('of a real round is recomputed bit for bit from the stored blobs and the signed outcome', async () => {
    const orders = [
      ['alpha', 'beta', 'gamma'],
      ['gamma', 'alpha', 'beta'],
    ];
    const outcomes = [];
    for (const order of orders) {
      const consortium = await openConsortium();
      const members = await startedStudy(consortium, tinyStudy(['cohort', { least: 3, quorum: 2 }]), [
        'alpha',
        'beta',
        'gamma',
      ]);
      const announced = await members[0]!.plan();
      for (const id of order) {
        const at = members.findIndex((member) => member.id === id);
        await members[at]!.contribute(announced, gradientBytes(0.1 * (at + 1), -0.3 / (at + 1)), { examples: 7 + at });
      }
      await consortium.idle();
      const event = (await members[0]!.events()).find(({ kind }) => kind.case === 'outcome')!;
      const outcome = outcomeRecord.decode(event.kind.value!.record);
      const { models, updates } = consortium.coordinator.store;
      const contributions = outcome.participants.toReversed();
      const again = await aggregate({
        study: announced.plan.definition,
        models,
        updates,
        inputModel: announced.plan.inputModel.sha256,
        contributions,
      });
      expect([again.aggregate, again.model]).toEqual([outcome.aggregate, outcome.model]);
      outcomes.push({ aggregate: outcome.aggregate, model: outcome.model });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});
