import { countsAsMaintenance } from '../../../../../domain/feature/arrival.ts';
import { takeBackUntil } from '../../../../../domain/feature/decide/sign.ts';
import { findChange } from '../../../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { fillText } from '../../../../platform/catalogue.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  type FormState,
  hidden,
  type Input,
  oneOf,
  readFileNumber,
  readForm,
  readReason,
  requiredCheckbox,
  type SentForm,
  sentForm,
  textArea,
  textField,
} from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import { bodySlotsOf, type CityLocale, type Locale } from '../../locale.ts';
import { commitText, type Ordered, recordAct, refuse, submitForm } from './order.ts';
import type { OfficialForm, Situation } from './situation.ts';

const ownSection = (
  { words, href }: Locale,
  which: OwnFormName,
  form: { readonly lead: Html | string; readonly fields: Html; readonly danger?: true },
  path: string,
): Html => {
  const { heading, submit } = words.acts.forms[which];
  return html`
<section><h2 id="${which}">${heading}</h2>
<form class="card" method="post" action="${href(`${path}/${which}`)}" aria-labelledby="${which}">
<p>${form.lead}</p>
${form.fields}
<button type="submit"${form.danger === true && html` class="danger"`}>${submit}</button>
</form></section>`;
};

const reasonField = (locale: Locale, which: OwnFormName, form: FormState): Html => {
  const { reason: label, reasonHint: hint } = locale.words.acts.forms[which];
  return textArea(locale, form, 'reason', { label, hint, required: true });
};

const linkOf = ({ isReplaced }: Situation): { readonly byReplacedLink?: true } => (isReplaced ? { byReplacedLink: true } : {});

const revocationFile = (locale: CityLocale, { requirement }: Situation, form: FormState): Html => {
  if (requirement?.instrument !== 'certification') return empty;
  const { fileHint } = locale.words.acts.forms.revoke;
  const { fileNumber } = locale.words.decide.certify;
  const hint = fillText(fileHint, bodySlotsOf(locale, requirement.body));
  return textField(locale, form, 'fileNumber', { label: fileNumber, hint, required: true });
};

export const revocationForm = (locale: Locale, file: Html, form: FormState, path: string): Html => {
  const { lead, sure } = locale.words.acts.forms.revoke;
  const fields = html`${file}
${reasonField(locale, 'revoke', form)}
${requiredCheckbox(sure)}`;
  return ownSection(locale, 'revoke', { lead, fields, danger: true }, path);
};

interface RevocationForm {
  readonly reason: string;
  readonly fileNumber: string | null;
}

export const readRevocation = (body: Uint8Array): SentForm<RevocationForm> =>
  sentForm(
    readForm(body, (name) => name === 'reason' || name === 'fileNumber'),
    (input, faults) => ({
      reason: readReason(input, faults),
      fileNumber: oneOf(input, 'fileNumber').trim() === '' ? null : readFileNumber(input, faults),
    }),
  );

const orderRevocation = async (
  deps: LinkDeps,
  situation: Situation,
  { reason, fileNumber }: RevocationForm,
): Promise<Ordered> => {
  const { link, revocation, requirement, holds } = situation;
  const committed = commitText(deps, link, reason);
  const { comment } = committed;
  if (revocation !== undefined && revocation.reason === comment && revocation.fileNumber === fileNumber) return { ok: true };
  if (requirement === undefined || requirement.instrument === 'advice')
    return refuse('may-not-revoke', 'only a body that had to approve can switch this off');
  if (!holds) return refuse('may-not-revoke', 'the person of this link does not hold its seat today');
  const request = { type: 'revoke' as const, change: link.n, requirement: link.requirement, holder: link.holder };
  return recordAct(deps, link, committed, () =>
    submitForm(deps, link, { ...request, reason: comment, fileNumber, ...linkOf(situation) }),
  );
};

const contestForm = (locale: Locale, _: Situation, form: FormState, path: string): Html => {
  const { lead } = locale.words.acts.forms.contest;
  return ownSection(locale, 'contest', { lead, fields: reasonField(locale, 'contest', form), danger: true }, path);
};

const readOnlyReason = (body: Uint8Array): SentForm<string> =>
  sentForm(
    readForm(body, (name) => name === 'reason'),
    readReason,
  );

/** Submits a contest; sending the same form again changes nothing. */
const orderContest = async (deps: LinkDeps, situation: Situation, reason: string): Promise<Ordered> => {
  const { link, holds } = situation;
  if (!holds) return refuse('may-not-contest', 'the person of this link does not hold its seat today');
  const committed = commitText(deps, link, reason);
  const by = { requirement: link.requirement, holder: link.holder };
  return recordAct(deps, link, committed, () =>
    submitForm(deps, link, { type: 'contest', change: link.n, by, reason: committed.comment, ...linkOf(situation) }),
  );
};

const takeBackEnd = ({ state, link: { n, requirement, holder }, zone, now, can }: Situation): string | undefined => {
  const change = findChange(state, n);
  const end = change && can.own ? takeBackUntil(change, requirement, holder, zone) : undefined;
  return end !== undefined && now < end ? end : undefined;
};

const takeBackForm = (locale: Locale, situation: Situation, form: FormState, path: string): Html => {
  const when = locale.deadline(takeBackEnd(situation) ?? situation.now);
  const lead = locale.say(locale.words.acts.forms['take-back'].lead, { when });
  const fields = html`${hidden('refusal', situation.view.veto?.at ?? '')}${reasonField(locale, 'take-back', form)}`;
  return ownSection(locale, 'take-back', { lead, fields }, path);
};

/** Reads the form as a decision, which a passkey can sign. */
const readTakeBack = ({ bound, link: { revision } }: Situation, body: Uint8Array): SentForm<OfficialForm> => {
  const sent = sentForm(
    readForm(body, (name) => name === 'reason' || name === 'refusal'),
    readReason,
  );
  if (!sent.ok) return sent;
  const certificate = oneOf(sent.input, 'refusal');
  const fields = { decision: 'take-back', revision, digest: bound?.digest ?? '', comment: sent.value, certificate } as const;
  const input = new Map(Object.entries(fields).map(([name, value]) => [name, [`${value}`]]));
  return { ok: true, input, value: { kind: 'decision', ...fields, terms: NO_TERMS } };
};

interface OwnForm {
  readonly switchesOff: boolean;
  readonly place: 'receipts' | 'end';
  readonly isOpen: (situation: Situation) => boolean;
  readonly render: (locale: CityLocale, situation: Situation, form: FormState, path: string) => Html;
}

type Sent = { readonly input: Input; readonly result: Ordered } | Extract<SentForm<never>, { readonly ok: false }>;

/** Wraps an order: rejects a link for an earlier revision. */
const carriedOut =
  <Value>(
    read: (body: Uint8Array) => SentForm<Value>,
    order: (deps: LinkDeps, situation: Situation, value: Value) => Promise<Ordered>,
  ) =>
  async (deps: LinkDeps, situation: Situation, body: Uint8Array): Promise<Sent> => {
    const sent = read(body);
    if (!sent.ok) return sent;
    const { link, latest } = situation;
    const stale = refuse('stale', `the latest is revision ${latest.revision}; a new link was mailed`);
    return { input: sent.input, result: latest.revision === link.revision ? await order(deps, situation, sent.value) : stale };
  };

/** The forms with which one person acts alone, in page order, each at `/d/{token}/<name>`. */
export const OWN_FORMS = {
  revoke: {
    switchesOff: true,
    place: 'end',
    isOpen: ({ can }) => can.revoke,
    render: (locale, situation, form, path) => revocationForm(locale, revocationFile(locale, situation, form), form, path),
    carryOut: carriedOut(readRevocation, orderRevocation),
  },
  contest: {
    switchesOff: true,
    place: 'end',
    isOpen: ({ can, state, link }) => can.own && countsAsMaintenance(state, link.n),
    render: contestForm,
    carryOut: carriedOut(readOnlyReason, orderContest),
  },
  'take-back': {
    switchesOff: false,
    place: 'receipts',
    isOpen: (situation) => takeBackEnd(situation) !== undefined,
    render: takeBackForm,
    decision: readTakeBack,
  },
} as const satisfies Record<
  string,
  OwnForm &
    (
      | { readonly carryOut: (deps: LinkDeps, situation: Situation, body: Uint8Array) => Promise<Sent> }
      | { readonly decision: (situation: Situation, body: Uint8Array) => SentForm<OfficialForm> }
    )
>;

export type OwnFormName = keyof typeof OWN_FORMS;

export const OWN_FORM_NAMES = Object.keys(OWN_FORMS) as readonly OwnFormName[];

export const openForms = (situation: Situation, place?: OwnForm['place']): readonly OwnFormName[] =>
  OWN_FORM_NAMES.filter((name) => {
    const form: OwnForm = OWN_FORMS[name];
    const stands = place === undefined || form.place === place;
    return stands && form.isOpen(situation) && (form.switchesOff || !situation.isReplaced);
  });
