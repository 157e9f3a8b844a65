import { encode } from 'uqr';
import { type Html, html } from '../html.ts';

/** The quiet zone in modules (ISO/IEC 18004). */
const QUIET = 4;

/** Returns the dark modules as one path of horizontal runs. */
const pathOf = (rows: readonly (readonly boolean[])[]): string =>
  rows
    .map((row, y) =>
      [
        ...row
          .map((dark) => (dark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ]
        .map(({ index, 0: run }) => `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`)
        .join(''),
    )
    .join('');

/** Renders a QR code, dark on white in every colour scheme. `label`: its text for screen readers. */
export const qrCode = (text: string, label: string): Html => {
  const { data } = encode(text, { ecc: 'M', border: 0 });
  const size = data.length + 2 * QUIET;
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${pathOf(data)}"/></svg>`;
};
