// Who acted, as a list of records says it.
import type { AuditActor, AuditRow } from '../../shared/gen/assent/v1/node_pb.ts';
import type { UiTexts } from '../../shared/text/ui/en.ts';
import { language } from '../language.svelte.ts';

export const actorIn = ({ name, person, key }: AuditActor, t: UiTexts['audit']): string =>
  name || person || t.installation(key.slice(0, 8));

/** The program, where nobody did. */
export const whoIn = ({ actors }: AuditRow, t: UiTexts['audit']): string =>
  actors.length === 0 ? t.program : language.list([...new Set(actors.map((actor) => actorIn(actor, t)))]);
