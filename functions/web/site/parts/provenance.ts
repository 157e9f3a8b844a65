import type { Provenance } from '../../../../domain/feature/events.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { FORM_CHANNEL } from '../../../gate/vendorForms.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { icon } from './chip.ts';

/** The channel of a change of the city's own policy; no other notice may claim it. */
const OPERATOR_CHANNEL = 'operator';

/** Returns how a notice arrived: signed, through the form of a vendor that cannot sign, or entered by the city. */
export const cameBy = ({ scheme, channel }: Pick<Provenance, 'scheme' | 'channel'>): 'signed' | 'form' | 'entered' =>
  scheme !== null ? 'signed' : channel === FORM_CHANNEL ? 'form' : 'entered';

/** Renders how the city heard of a change, in a sentence. */
export const provenanceText = ({ words, say }: Locale, provenance: Provenance, roster: Roster | null): Html => {
  const { by, person, channel, scheme } = provenance;
  switch (cameBy(provenance)) {
    case 'signed':
      return say(words.change.signed, { scheme: scheme ?? '' });
    case 'form':
      return html`${words.change.byForm}`;
    case 'entered':
      if (channel === OPERATOR_CHANNEL) return html`${words.change.byOperator}`;
      return person === null
        ? say(words.change.entered, { by: foreign(by), channel: foreign(channel) })
        : say(words.change.enteredFor, { person: foreign(holderName(roster, person)), channel: foreign(channel) });
  }
};

/** Renders a warning beside words that are not signed by the vendor. */
export const unsignedNote = (locale: Locale, provenance: Provenance, roster: Roster | null): Html =>
  cameBy(provenance) === 'signed'
    ? empty
    : html`<p class="note">${icon('warning')}${provenanceText(locale, provenance, roster)}</p>`;
