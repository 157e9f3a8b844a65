import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordsOutputs } from '../../../infra/aws/outputs.ts';
import { resources, templates } from './support/templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'aldergate-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RECORDS = {
  CommitsTable: 'c',
  SideTable: 's',
  RegisterTable: 'r',
  CommitSecret: 'k',
  LinkSecret: 'l',
  TextSecret: 't',
  RosterSecret: 'o',
  OriginSecret: 'g',
  LogKey: 'y',
  LogBucket: 'b',
};

const read = (stacks: unknown, stage?: string) => {
  const outputs = join(folder, 'cdk-outputs.json');
  writeFileSync(outputs, typeof stacks === 'string' ? stacks : JSON.stringify(stacks));
  return recordsOutputs({ outputs, stage });
};

test('a file of one stage is that stage; of several, one has to be named', () => {
  const edge = { 'Aldergate-city-Edge': {} };
  expect(read({ 'Aldergate-city-Records': { ...RECORDS, ExportsOutputRef: 'x' }, ...edge })).toStrictEqual(RECORDS);
  const both = { 'Aldergate-city-Records': RECORDS, 'Aldergate-city-2-Records': { ...RECORDS, CommitsTable: 'c2' }, Other: {} };
  expect(read(both, 'city-2')).toMatchObject({ CommitsTable: 'c2' });
  expect(read(both, 'city')).toMatchObject({ CommitsTable: 'c' });
  expect(() => read(both)).toThrow('has several stages, city and city-2: choose one with --stage');
  expect(() => read(both, 'town')).toThrow('has no stage town');
});

test('what is missing is named', () => {
  const { LogKey: _key, SideTable: _side, ...rest } = RECORDS;
  const lacking = /lacks SideTable, LogKey of Aldergate-city-Records: deploy it again with --outputs-file /;
  expect(() => read({ 'Aldergate-city-Records': rest })).toThrow(lacking);
  expect(() => read({ 'Aldergate-city-Records': { ...rest, LogKey: '', SideTable: '' } })).toThrow(lacking);
  expect(() => read({ 'Aldergate-city-Gate': {} })).toThrow(
    'has no stack Aldergate-city-Records: deploy it with --outputs-file ',
  );
  expect(() => read({})).toThrow('has no stage');
  for (const file of ['{', '[]', '{"Aldergate-city-Records":{"LogKey":1}}'])
    expect(() => read(file)).toThrow('is not what cdk deploy --outputs-file');
  expect(() => recordsOutputs({ outputs: join(folder, 'none.json') })).toThrow('none.json is not what cdk deploy');
});

test('the stacks give their outputs exactly the names that docs/deploy.md uses', () => {
  const { records, gate } = templates();
  const namesOf = (outputs: object) => Object.keys(outputs).filter((name) => !/^(?:Exports|Publish)Output/.test(name));
  expect(namesOf(records.findOutputs('*'))).toStrictEqual(Object.keys(RECORDS));
  const functions = [...resources(gate, 'AWS::Lambda::Function').keys()].map((id) =>
    id.replace(/^./, (first) => first.toUpperCase()).replace(/Function.*$/, 'Function'),
  );
  expect(namesOf(gate.findOutputs('*')).sort()).toStrictEqual([...functions, 'Url', 'Domain', 'Bus', 'LogOrigin'].sort());
  expect(templates({ logOrigin: 'older.example/log' }).gate.findOutputs('LogOrigin')).toMatchObject({
    LogOrigin: { Value: 'older.example/log' },
  });
});
