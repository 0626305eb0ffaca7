/** Long enough for the record, in characters as the node counts them (code points): it refuses less. */
export const isReason = (text: string): boolean => Array.from(text.trim()).length >= 3;
