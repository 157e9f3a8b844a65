import { json, type Row } from './row.ts';

/** Withdrawals by vendors. */
export const withdrawals: readonly Row[] = [
  { name: 'no number', path: '/v1/changes/acme/x/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/n' },
  { name: 'number zero', path: '/v1/changes/acme/0/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/n' },
  { name: 'no key', path: '/v1/changes/ACME/1/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/key' },
  {
    name: 'nothing named',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: '{}',
    code: 'invalid-input',
    pointer: '/withdraw',
  },
  {
    name: 'more than the name',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/1', why: '' }),
    code: 'invalid-input',
    pointer: '/why',
  },
  {
    name: 'another change named',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/2' }),
    code: 'invalid-input',
    pointer: '/withdraw',
  },
  {
    name: 'another vendor’s',
    path: '/v1/changes/zeta/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'zeta/1' }),
    code: 'signature-refused',
  },
  {
    name: 'no such change',
    path: '/v1/changes/acme/9/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/9' }),
    code: 'unknown-change',
  },
  { name: 'DELETE', path: '/v1/changes/acme/1/withdraw', method: 'DELETE', code: 'method-not-allowed' },
];
