import { IT_OPERATIONS, VENDOR_OPERATIONS } from './api/it.ts';
import { OPERATOR_OPERATIONS } from './api/operators.ts';
import { DOCUMENT_OPERATIONS, RECORD_OPERATIONS, REDACTION_OPERATIONS } from './api/records.ts';
import { RULE_OPERATIONS } from './api/rules.ts';
import type { ApiTable } from './route.ts';

export const API_OPERATIONS = {
  ...VENDOR_OPERATIONS,
  ...IT_OPERATIONS,
  ...RECORD_OPERATIONS,
  ...DOCUMENT_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...REDACTION_OPERATIONS,
  ...RULE_OPERATIONS,
} as const satisfies ApiTable;
