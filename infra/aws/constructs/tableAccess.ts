import { STAGE_KIND } from '../../../functions/handlers/runtime/stage.ts';
import { CHANGE_INDEX, TIME_INDEX } from '../../../functions/platform/store/dynamo/tables.ts';
import type { SideKind } from '../../../functions/platform/store/sideKinds.ts';
import type { RecordsStack } from '../stacks/recordsStack.ts';
import type { GateFunction } from './gateFunction.ts';

/** The side kinds in which a consumer keeps its mark, its failures and its parked commits, and reports whether it does its work. */
export const CONSUMER_KINDS = ['mark', 'trouble', 'feed-cursor', 'dead-letter', 'health'] as const;

const ALARM_KIND = 'health';

/**
 * What a function does with the register: `read` one document, answer for the `whole` of it, `write` a document. No function deletes one.
 */
export type RegisterUse = 'read' | 'whole' | 'write';

/** The access of a function to the tables. Kinds and streams are partition keys, so IAM can limit a function to them. */
export interface Access {
  readonly feed: boolean;
  readonly appends: readonly string[];
  readonly reads: readonly SideKind[];
  readonly writes: readonly SideKind[];
  readonly register: readonly RegisterUse[];
}

const ofPartitions = (test: 'StringEquals' | 'StringLike', keys: readonly string[]) => ({
  [`ForAllValues:${test}`]: { 'dynamodb:LeadingKeys': [...keys] },
});

const allowRegister = (target: GateFunction, table: string, uses: readonly RegisterUse[]): void => {
  if (uses.includes('read')) target.allow(['dynamodb:GetItem'], [table]);
  if (uses.includes('whole')) {
    target.allow(['dynamodb:Scan', 'dynamodb:BatchGetItem'], [table]);
    target.allow(['dynamodb:Query'], [`${table}/index/${CHANGE_INDEX.name}`]);
  }
  if (uses.includes('write')) target.allow(['dynamodb:PutItem'], [table]);
};

/**
 * Allows a function exactly this access. Appending is PutItem and nothing else, and kinds that it only reads it cannot write.
 */
export const allowTables = (
  target: GateFunction,
  records: RecordsStack,
  { feed, appends, reads, register, ...access }: Access,
): void => {
  allowRegister(target, records.register.table.tableArn, register);
  const writes = [...new Set([...access.writes, ALARM_KIND])].sort();
  const { tableArn: commits } = records.commits.table;
  const { tableArn: sideStore } = records.sideStore.table;
  target.allow(['dynamodb:Query'], [commits]);
  if (feed) {
    target.allow(['dynamodb:Query'], [`${commits}/index/${TIME_INDEX.name}`]);
    target.allow(['dynamodb:BatchGetItem'], [commits]);
  }
  if (appends.length > 0) target.allow(['dynamodb:PutItem'], [commits], ofPartitions('StringLike', appends));
  target.allow(
    ['dynamodb:GetItem', 'dynamodb:Query'],
    [sideStore],
    ofPartitions('StringEquals', [...new Set([...reads, ...writes, STAGE_KIND])].sort()),
  );
  target.allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [sideStore], ofPartitions('StringEquals', writes));
};
