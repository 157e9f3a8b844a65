import type { Provenance } from '../../../../domain/feature/events.ts';
import { FORM_CHANNEL } from '../../../gate/vendorForms.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { icon } from './chip.ts';

/** Returns how a notice arrived: signed, through the form of a vendor that cannot sign, or entered by the city. */
export const cameBy = ({ scheme, channel }: Pick<Provenance, 'scheme' | 'channel'>): 'signed' | 'form' | 'entered' =>
  scheme !== null ? 'signed' : channel === FORM_CHANNEL ? 'form' : 'entered';

/** Renders how the city heard of a change, in a sentence. */
export const provenanceText = ({ words, say }: Locale, provenance: Pick<Provenance, 'scheme' | 'channel' | 'by'>): Html => {
  const { by, channel, scheme } = provenance;
  switch (cameBy(provenance)) {
    case 'signed':
      return say(words.change.signed, { scheme: scheme ?? '' });
    case 'form':
      return html`${words.change.byForm}`;
    case 'entered':
      return say(words.change.entered, { by: foreign(by), channel: foreign(channel) });
  }
};

/** Renders a warning beside words that are not signed by the vendor. */
export const unsignedNote = (locale: Locale, provenance: Provenance): Html =>
  cameBy(provenance) === 'signed' ? empty : html`<p class="note">${icon('warning')}${provenanceText(locale, provenance)}</p>`;
