// npm run bench -- credit: what the four simulated lenders of examples/german-credit gain together, over ten splits.
import { GERMAN_CREDIT } from '../scripts/demo/examples.ts';
import { measureGain } from './support/gain.ts';

await measureGain(GERMAN_CREDIT);
