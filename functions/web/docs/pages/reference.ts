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
import { childOf, type Field, fieldsOf, sharedIn, typeInWords } from '../fields.ts';
import type { Speech } from '../parts.ts';
import { code, english } from '../parts.ts';

const shapeLink = (id: string): Html => html`<a href="#${id}">${code(id)}</a>`;

const joined = (notes: readonly Html[]): readonly Html[] => notes.map((note, i) => html`${i > 0 ? ' · ' : ''}${note}`);

/** Returns a cell with nothing but a text of the description. */
const englishCell = ({ locale }: Speech, text: string): Html =>
  locale.language === 'en' ? html`<td>${text}</td>` : html`<td lang="en">${text}</td>`;

const rows = (speech: Speech, fields: readonly (Field & { readonly where?: string })[]): Html => {
  const { words } = speech;
  const row = ({ name, type, required, description, where, shape }: (typeof fields)[number]): Html => {
    const holds = [
      html`<code>${type}</code>`,
      ...(shape === undefined ? [] : [shapeLink(shape)]),
      ...(where === undefined ? [] : [html`${where}`]),
      ...(required ? [html`<b>${words.required}</b>`] : []),
    ];
    return html`<tr><th scope="row">${code(name)}</th><td>${joined(holds)}</td>${englishCell(speech, description ?? '')}</tr>`;
  };
  return html`<table class="stack"><thead><tr><th scope="col">${words.field}</th><th scope="col">${words.type}</th><th scope="col">${words.meaning}</th></tr></thead><tbody>${fields.map(row)}</tbody></table>`;
};

const placeOf = ({ words }: Speech, { in: where }: Parameter): string =>
  Object.hasOwn(words.where, where) ? words.where[where as keyof typeof words.where] : where;

const bodyOf = (content: Described['requestBody']): Schema | undefined => content?.content['application/json']?.schema;

/** The answer of a success: its status, and its schema if it has a body. */
const answerOf = ({ responses }: Described): { readonly status: string; readonly schema: Schema | undefined } | undefined => {
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'));
  return good && { status: good[0], schema: good[1].content?.['application/json']?.schema };
};

/** The components of the description, and those that this page describes separately. */
interface Shapes {
  readonly schemas: Schemas;
  readonly shared: ReadonlySet<string>;
}

const part = (speech: Speech, heading: string, schema: Schema | undefined, { schemas, shared }: Shapes): Html => {
  const child = schema && childOf(schema, schemas);
  if (schema === undefined || child === undefined) return empty;
  if (child.id !== undefined && shared.has(child.id)) return html`<p>${heading}: ${shapeLink(child.id)}</p>`;
  const fields = fieldsOf(schema, schemas, shared);
  if (fields.length === 0) return empty;
  return html`<details><summary>${heading}</summary>${rows(speech, fields)}</details>`;
};

const operationPart = (speech: Speech, operation: DescribedOperation, shapes: Shapes, problems: string): Html => {
  const { locale, words } = speech;
  const { operationId, method, path, summary, description, parameters = [], requestBody, responses } = operation;
  const good = answerOf(operation);
  const bad = Object.keys(responses).filter((status) => !status.startsWith('2'));
  const named = parameters.map((parameter) => ({
    name: parameter.name,
    type: typeInWords(parameter.schema, shapes.schemas),
    required: parameter.required,
    description: parameter.description,
    shape: undefined,
    where: placeOf(speech, parameter),
  }));
  return html`<section class="operation" aria-labelledby="${operationId}"><h2 id="${operationId}">${code(`${method} ${path}`)}</h2>
<p>${english(speech, summary)}${description === undefined ? empty : html`<br><small>${english(speech, description.replaceAll('`', ''))}</small>`}</p>
${named.length === 0 ? empty : html`<details><summary>${words.parameters}</summary>${rows(speech, named)}</details>`}
${part(speech, words.sends, bodyOf(requestBody), shapes)}
${good === undefined ? empty : part(speech, `${words.answers}: ${good.status}`, good.schema, shapes)}
<p class="fine">${locale.say(words.saysNo, { problems: html`<a href="${problems}">${words.pages.problems}</a>` })} ${locale.list(bad)}</p>
</section>
`;
};

/** Renders a component that several bodies of the page have. */
const shapePart = (speech: Speech, id: string, { schemas, shared }: Shapes): Html =>
  html`<section class="operation" aria-labelledby="${id}"><h2 id="${id}">${code(id)}</h2>
<details><summary>${speech.words.shape}</summary>${rows(speech, fieldsOf(schemas[id] ?? {}, schemas, shared))}</details></section>
`;

/** Renders the operations for one kind of reader, each with its request and responses, from the description that programs read. */
export const referencePage = (speech: Speech, description: Description, tag: Tag, problems: string): Html => {
  const { locale, words } = speech;
  const operations = operationsFor(description, tag);
  const { schemas } = description.components;
  const bodies = operations.flatMap((each) =>
    [bodyOf(each.requestBody), answerOf(each)?.schema].filter((one) => one !== undefined),
  );
  const shapes = { schemas, shared: sharedIn(bodies, schemas) };
  const slots = { header: code('Authorization: Bearer …'), scope: code('admin') };
  return html`<p class="lead">${locale.say(words.groupLead[tag], slots)}</p>
<nav class="contents" aria-label="${words.contents}"><ul>${operations.map(
    ({ operationId, method, path }) => html`<li><a href="#${operationId}">${code(`${method} ${path}`)}</a></li>`,
  )}</ul></nav>
${operations.map((operation) => operationPart(speech, operation, shapes, problems))}
${[...shapes.shared].sort().map((id) => shapePart(speech, id, shapes))}`;
};
