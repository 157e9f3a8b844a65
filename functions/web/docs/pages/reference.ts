import type { Tag } from '../../routes/route.ts';
import { empty, type Html, html } from '../../site/html.ts';
import {
  type Described,
  type DescribedOperation,
  type Description,
  operationsFor,
  type Parameter,
  type Schema,
  type Schemas,
} from '../description.ts';
import { type Field, fieldsOf, typeInWords } from '../fields.ts';
import { code, english } from '../parts.ts';
import type { Speech } from '../speak.ts';

const rows = (speech: Speech, fields: readonly (Field & { readonly where?: string })[]): Html => {
  const { words } = speech;
  const row = ({ name, type, required, description, where }: (typeof fields)[number]): Html => {
    const notes = [
      ...(where === undefined ? [] : [html`${where}`]),
      ...(required ? [html`<b>${words.required}</b>`] : []),
      ...(description === undefined ? [] : [english(speech, description)]),
    ];
    return html`<tr><th scope="row">${code(name)}</th><td><code>${type}</code></td><td>${notes.map(
      (note, i) => html`${i > 0 ? ' · ' : ''}${note}`,
    )}</td></tr>`;
  };
  return html`<table class="stack"><thead><tr><th scope="col">${words.field}</th><th scope="col">${words.type}</th><th scope="col">${words.meaning}</th></tr></thead><tbody>${fields.map(row)}</tbody></table>`;
};

const placeOf = ({ words }: Speech, { in: where }: Parameter): string =>
  Object.hasOwn(words.where, where) ? words.where[where as keyof typeof words.where] : where;

const bodyOf = (content: Described['requestBody']): Schema | undefined => content?.content['application/json']?.schema;

const part = (speech: Speech, heading: string, schema: Schema | undefined, schemas: Schemas): Html => {
  const fields = schema === undefined ? [] : fieldsOf(schema, schemas);
  if (fields.length === 0) return empty;
  return html`<details><summary>${heading}</summary>${rows(speech, fields)}</details>`;
};

const operationPart = (speech: Speech, operation: DescribedOperation, schemas: Schemas, problems: string): Html => {
  const { locale, words } = speech;
  const { operationId, method, path, summary, description, parameters = [], requestBody, responses } = operation;
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'));
  const bad = Object.keys(responses).filter((status) => !status.startsWith('2'));
  const named = parameters.map((parameter) => ({
    name: parameter.name,
    type: typeInWords(parameter.schema, schemas),
    required: parameter.required,
    description: parameter.description,
    where: placeOf(speech, parameter),
  }));
  return html`<section class="operation" aria-labelledby="${operationId}"><h2 id="${operationId}">${code(`${method} ${path}`)}</h2>
<p>${english(speech, summary)}${description === undefined ? empty : html`<br><small>${english(speech, description.replaceAll('`', ''))}</small>`}</p>
${named.length === 0 ? empty : html`<details><summary>${words.parameters}</summary>${rows(speech, named)}</details>`}
${part(speech, words.sends, bodyOf(requestBody), schemas)}
${good === undefined ? empty : part(speech, `${words.answers}: ${good[0]}`, good[1].content?.['application/json']?.schema, schemas)}
<p class="fine">${locale.say(words.saysNo, { problems: html`<a href="${problems}">${words.pages.problems}</a>` })} ${locale.list(bad)}</p>
</section>
`;
};

/** Renders the operations for one kind of reader, each with its request and responses, from the description that programs read. */
export const referencePage = (speech: Speech, description: Description, tag: Tag, problems: string): Html => {
  const { locale, words } = speech;
  const operations = operationsFor(description, tag);
  const slots = { header: code('Authorization: Bearer …'), scope: code('admin') };
  return html`<p class="lead">${locale.say(words.groupLead[tag], slots)}</p>
<nav class="contents" aria-label="${words.contents}"><ul>${operations.map(
    ({ operationId, method, path }) => html`<li><a href="#${operationId}">${code(`${method} ${path}`)}</a></li>`,
  )}</ul></nav>
${operations.map((operation) => operationPart(speech, operation, description.components.schemas, problems))}`;
};
