// What a person is shown before deciding, built in the main process from the plan itself: its hash is part of what is signed.
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import type { Study } from '../../shared/study/study.ts';
import { en } from '../../shared/text/en.ts';
import { zh } from '../../shared/text/zh.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { messageSize } from '../../shared/wire/update.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Offered } from '../stages.ts';

export type Locale = 'en' | 'zh';
export type LeavingTensor = { name: string; shape: number[]; bytes: number };
export type RoundScreen = {
  title: string;
  purpose: string;
  /** What the update is, in words. */
  update: string;
  coordinatorReads: string;
  tensors: LeavingTensor[];
  /** All bytes of the update's file. */
  bytes: number;
  /** What leaves with the update, in words. */
  releases: string[];
  cohort: string[];
  approveBy: string;
  sendBy: string;
  normBound: number;
  /** The statement that is signed, word for word. */
  approve: string;
  decline: string;
};

const TEXTS = { en, zh };

/** Bytes of one update of this study. */
export function updateSize(study: Study): number {
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  return messageSize(algorithmOf(study.algorithm).vectors, layout);
}

export function roundScreen(offered: Offered, rows: number, locale: Locale): RoundScreen {
  const { plan } = offered;
  const study = plan.definition;
  const text = TEXTS[locale];
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  const facts = {
    study,
    besides: besides(study, locale),
    round: plan.round,
    attempt: plan.attempt,
    cohort: plan.cohort.length,
    rows,
    maxBytes: plan.update.bytes,
  };
  return {
    title: study.title[locale],
    purpose: study.purpose[locale],
    update: text.update[study.algorithm.name](study, rows),
    coordinatorReads: text.coordinatorReads(study),
    tensors: plan.update.vectors.flatMap((vector) =>
      layout.map(({ name, shape, length }) => ({ name: `${vector}/${name}`, shape, bytes: length * 4 })),
    ),
    bytes: plan.update.bytes,
    releases: besides(study, locale),
    cohort: plan.cohort,
    approveBy: plan.approveBy,
    sendBy: plan.sendBy,
    normBound: study.bounds.norm,
    approve: text.approvalMeaning(facts),
    decline: text.declineMeaning(facts),
  };
}

/** Everything that a study declares to leave besides the update itself. */
export const besides = (study: Study, locale: Locale): string[] =>
  study.releases.filter((release) => release !== 'update').map((release) => TEXTS[locale].releases[release]);

export function screenHash(screen: RoundScreen): string {
  return toHex(sha256(encodeCanonical(screen)));
}
