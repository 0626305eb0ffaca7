// Letters between members, until they are taken out: in memory, one of a kind between two parties, the newest in the place of the
// one before. What is lost is asked again by whoever waits for it.
import type { Letter } from '../platform/letters.ts';

export type LetterBox = {
  put(from: string, letter: Letter): void;
  /** At most `most` of those for this member, who gets each once. */
  take(member: string, most: number): Letter[];
};

export function openLetterBox(): LetterBox {
  const boxes = new Map<string, Map<string, Letter>>();
  return {
    put(from, letter) {
      const box = boxes.get(letter.party) ?? new Map<string, Letter>();
      boxes.set(letter.party, box);
      const place = `${letter.kind} ${from}`;
      box.delete(place); // behind those that came before
      box.set(place, { ...letter, party: from });
    },
    take(member, most) {
      const box = boxes.get(member);
      if (!box) return [];
      const taken = [...box].slice(0, most);
      for (const [place] of taken) box.delete(place);
      return taken.map(([, letter]) => letter);
    },
  };
}
