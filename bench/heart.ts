// npm run bench -- heart: what the four hospitals of examples/heart-disease gain together, over ten splits.
import { HEART_DISEASE } from '../scripts/demo/examples.ts';
import { measureGain } from './support/gain.ts';

await measureGain(HEART_DISEASE);
