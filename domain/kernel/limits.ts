// Every size limit of the store and of what is kept in it.

/** In canonical form: it becomes one entry of the public log, which ends at 65,535 bytes. */
export const BODY_BYTES_MAX = 60 * 1024;

/** Read with every command, so an aggregate that needs more keeps its text elsewhere. */
export const STATE_BYTES_MAX = 32 * 1024;

/** DynamoDB's limit is 409,600 including attribute names; every store keeps the same rule. */
export const ITEM_BYTES_MAX = 400_000;

export const EVENTS_MAX = 20;

export const NOTICE_BYTES_MAX = 48 * 1024;

/** Sent as base64 in JSON it still fits the 6 MB that a Lambda function is called with. */
export const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

/** So that a part and its commit fit one item of the store. */
export const DOCUMENT_PART_BYTES = 256 * 1024;
