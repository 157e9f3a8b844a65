const COUNCIL = {
  id: 'council',
  body: 'council',
  instrument: 'certification',
  threshold: { yes: 'majority', of: 'seats' },
  quorum: 3,
};
const MAYOR = {
  id: 'mayor',
  body: 'mayor',
  instrument: 'signature',
  after: ['council'],
  deadline: 'P5D',
  override: { requirement: 'council', yes: 3, within: 'P30D', confirmedBy: 'council/at-large' },
};

const BOARD = { id: 'board', body: 'board', instrument: 'advice' };
const RULE = { id: 'all', when: {}, require: [COUNCIL, MAYOR, BOARD], window: 'P90D', term: 'P1Y' };

/** Council by certification, then the mayor; a board is heard. */
export const POLICY = {
  name: 'Council and mayor',
  version: '1',
  authority: { kind: 'ordinance', number: '26-1', url: 'https://city.example/26-1' },
  rules: [RULE],
};

/** The same, with passkeys, a report for what is shared, and a first day for a second vote. */
export const WITH_PASSKEYS = {
  ...POLICY,
  passkeys: 'when-enrolled',
  rules: [
    { ...RULE, id: 'sharing', when: { kind: ['data-sharing'] }, documents: ['impact-report'] },
    {
      ...RULE,
      require: [COUNCIL, { ...MAYOR, override: { ...MAYOR.override, within: { notBefore: 'P2D', notAfter: 'P21D' } } }, BOARD],
    },
  ],
};

/** Each member by an own link, and the mayor beside them. */
export const BALLOTS = {
  name: 'By ballots',
  version: '1',
  rules: [
    {
      id: 'all',
      when: {},
      require: [
        { id: 'council', body: 'council', instrument: 'ballots', threshold: { yes: 'majority', of: 'seats' } },
        { id: 'mayor', body: 'mayor', instrument: 'signature' },
      ],
      notice: 'P0D',
      window: 'P60D',
    },
  ],
};
