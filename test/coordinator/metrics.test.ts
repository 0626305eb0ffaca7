import { describe, expect, it } from 'vitest';
import { roundMetrics } from '../../coordinator/metrics.ts';

describe('the metrics of a round', () => {
  it('weigh the loss by examples, and the others not at all; too few cases are left out', () => {
    const released = [
      { weight: 30, metrics: { loss: '0.4', auc: '0.9', accuracy: null } },
      { weight: 10, metrics: { loss: '0.8', auc: '0.5', accuracy: null } },
      { weight: 99, metrics: { loss: null, auc: null, accuracy: null } },
    ];
    expect(roundMetrics(released, ['loss', 'auc', 'accuracy'])).toEqual({ loss: '0.5', auc: '0.7', accuracy: null });
  });

  it('do not leave the range of numbers on the way to a mean that lies in it', () => {
    const released = [Number.MAX_SAFE_INTEGER, 10].map((weight) => ({
      weight,
      metrics: { loss: '1e308', auc: '1e308' },
    }));
    expect(roundMetrics(released, ['loss', 'auc'])).toEqual({ loss: '1e+308', auc: '1e+308' });
  });
});
