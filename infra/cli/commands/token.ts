import { argument, type Command, calling, optionalOption, requiredOption } from '../usage.ts';

const listed = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

export const tokenCommands: readonly Command[] = [
  calling('POST', '/v1/tokens', {
    usage: 'token create --name N --scope state:read[,observe,notice,admin] [--agency A[,A]] [--person HOLDER|none] [--source S]',
    does: 'a token for a program that asks or reports; shown this once',
    takes: { name: 'string', scope: 'string', agency: 'string', person: 'string', source: 'string' },
    sent: (_args, options) => {
      const agency = optionalOption(options, 'agency');
      const person = optionalOption(options, 'person');
      const source = optionalOption(options, 'source');
      return {
        body: {
          name: requiredOption(options, 'name'),
          scopes: listed(requiredOption(options, 'scope')),
          ...(agency !== undefined && { agencies: listed(agency) }),
          ...(person !== undefined && { person: person === 'none' ? null : person }),
          ...(source !== undefined && { source }),
        },
      };
    },
    text: ({ id, scopes, token }) => `token ${id} (${scopes.join(', ')})\n${token}\nIt is shown this once.`,
  }),
  calling('DELETE', '/v1/tokens/{id}', {
    usage: 'token revoke ID',
    does: 'ends a token at once',
    sent: (args) => ({ params: { id: argument(args, 0, 'ID') } }),
    text: ({ id }) => `token ${id} is revoked`,
  }),
  calling('GET', '/v1/tokens', {
    usage: 'token list',
    does: 'the tokens there are, without the tokens themselves',
    text: ({ items }) =>
      items
        .map(
          ({ id, name, scopes, agencies, person, source, revoked, readable }) =>
            `${id}  ${name}  ${scopes.join(',')}${agencies.length === 0 ? '' : `  for ${agencies.join(', ')}`}${person === null ? '' : `  used by ${person}`}${source === null ? '' : `  reports as ${source}`}${revoked ? '  revoked' : ''}${readable ? '' : '  cannot be read, and is refused'}`,
        )
        .join('\n') || 'no token yet',
  }),
];
