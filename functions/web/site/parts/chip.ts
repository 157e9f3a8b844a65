import type { Variant } from '../../../../domain/feature/evaluate.ts';
import type { ChangeStatus } from '../../../../domain/feature/state.ts';
import { type Html, html } from '../html.ts';
import { type IconName, icon } from './icon.ts';

/** The four tones of a state: on, waiting for somebody, refused or wrong, off. Each has an icon and words beside its colour. */
export type Tone = 'on' | 'wait' | 'no' | 'off';

const ICONS: Readonly<Record<Tone, IconName>> = { on: 'check', wait: 'clock', no: 'cross', off: 'dash' };

const VARIANT_TONES: Partial<Record<Variant, Tone>> = {
  enabled: 'on',
  audience: 'on',
  pending: 'wait',
  vetoed: 'no',
  refused: 'no',
  revoked: 'no',
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

/** A state in a word or two. */
export const chip = (tone: Tone, label: Html | string): Html =>
  html`<span class="chip ${tone}">${icon(ICONS[tone])}<span>${label}</span></span>`;
