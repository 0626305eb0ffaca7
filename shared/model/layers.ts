// The layers that a study may name: an allow-list of Keras-layers JSON, so that a plan is data and never code.
import { z } from 'zod';
import { flag, object, oneOf, variant, whole } from '../study/fields.ts';

export const ACTIVATIONS = ['linear', 'relu', 'tanh', 'sigmoid'] as const;
export const LAYERS = ['Dense', 'Activation'] as const;

const dense = object({
  class_name: z.literal('Dense'),
  config: object({
    units: whole(1, 16_384),
    activation: oneOf(ACTIVATIONS).exactOptional(),
    use_bias: flag.exactOptional(),
  }),
});

const activation = object({
  class_name: z.literal('Activation'),
  config: object({ activation: oneOf(ACTIVATIONS) }),
});

/** `use_bias` is true and `activation` linear when absent, as in Keras. */
export const layerSchema = variant('class_name', 'layer', LAYERS, [dense, activation]);

export type Layer = z.infer<typeof layerSchema>;
export type Activation = (typeof ACTIVATIONS)[number];
