// Run under Node 24 by set-up: loads native TensorFlow and adds two vectors.
import { createRequire } from 'node:module';
import util from 'node:util';

// tfjs-node 4.22 calls this function, which Node 23 removed.
Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined });
const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node');
if (tf.getBackend() !== 'tensorflow') throw new Error(`Error: the backend is ${tf.getBackend()}`);
console.log(JSON.stringify([...tf.add(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])).dataSync()]));
