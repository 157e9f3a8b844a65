import { raw } from 'hono/html';
import type { Variant } from '../../../../domain/feature/evaluate.ts';
import { POLICY_KEY } from '../../../../domain/feature/keys.ts';
import type { ChangeStatus } from '../../../../domain/feature/state.ts';
import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

const PATHS = {
  check: '<path d="M3 8.5l3.2 3.2L13 5"/>',
  cross: '<path d="M4 4l8 8M12 4l-8 8"/>',
  dash: '<path d="M3.5 8h9"/>',
  clock: '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.4 1.6"/>',
  warning: '<path d="M8 2L1.5 13.5h13z"/><path d="M8 6.5v3M8 11.6v.2"/>',
  change: '<path d="M2 6h10M9.5 3.5L12 6M14 10H4M6.5 7.5L4 10l2.5 2.5"/>',
} as const;
type IconName = keyof typeof PATHS;

const icon = (name: IconName): Html =>
  html`<svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden="true">${raw(PATHS[name])}</svg>`;

/** The four tones of a state: on, waiting for somebody, refused or wrong, off. Each has an icon and words besides its colour. */
export type Tone = 'on' | 'wait' | 'no' | 'off';

const ICONS: Readonly<Record<Tone, IconName>> = { on: 'check', wait: 'clock', no: 'cross', off: 'dash' };

const VARIANT_TONES: Partial<Record<Variant, Tone>> = {
  enabled: 'on',
  audience: 'on',
  pending: 'wait',
  vetoed: 'no',
  refused: 'no',
  revoked: 'no',
  scheduled: 'wait',
  outdated: 'no',
};

const STATUS_TONES: Partial<Record<ChangeStatus, Tone>> = {
  approved: 'on',
  pending: 'wait',
  vetoed: 'no',
  refused: 'no',
  revoked: 'no',
};

export const toneOfVariant = (variant: Variant): Tone => VARIANT_TONES[variant] ?? 'off';
export const toneOfStatus = (status: ChangeStatus): Tone => STATUS_TONES[status] ?? 'off';

/** Returns a variant in words. The city's own rules are neither on nor off: they are "approved", or have their change's status. */
export const variantName = (words: Locale['words'], key: string, variant: Variant): string => {
  const stands: Partial<Record<string, string>> = { ...words.status, enabled: words.status.approved };
  return (key === POLICY_KEY ? stands[variant] : undefined) ?? words.variant[variant];
};

export const chip = (tone: Tone, label: Html | string, sign: IconName = ICONS[tone]): Html =>
  html`<span class="chip ${tone}">${icon(sign)}<span>${label}</span></span>`;

export const warning = (text: Html | string, kind: 'note' | 'note bad' | 'fine' = 'note'): Html =>
  html`<p class="${kind}">${icon('warning')}${text}</p>`;
