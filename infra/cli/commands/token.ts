import { argument, type Command, optionalOption, requiredOption } from '../usage.ts';

const listed = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

export const tokenCommands: readonly Command[] = [
  {
    usage: 'token create --name N --scope state:read[,observe,notice,admin] [--agency A[,A]] [--person HOLDER|none]',
    does: 'a token for a program that asks or reports; shown this once',
    takes: { name: 'string', scope: 'string', agency: 'string', person: 'string' },
    run: async (_args, options, { apiClient }) => {
      const agency = optionalOption(options, 'agency');
      const person = optionalOption(options, 'person');
      const body = {
        name: requiredOption(options, 'name'),
        scopes: listed(requiredOption(options, 'scope')),
        ...(agency !== undefined && { agencies: listed(agency) }),
        ...(person !== undefined && { person: person === 'none' ? null : person }),
      };
      const json = await apiClient().call('POST', '/v1/tokens', { body });
      return { json, text: `token ${json.id} (${json.scopes.join(', ')})\n${json.token}\nIt is shown this once.` };
    },
  },
  {
    usage: 'token revoke ID',
    does: 'ends a token at once',
    run: async (args, _options, { apiClient }) => {
      const id = argument(args, 0, 'ID');
      const json = await apiClient().call('DELETE', '/v1/tokens/{id}', { params: { id } });
      return { json, text: `token ${id} is revoked` };
    },
  },
  {
    usage: 'token list',
    does: 'the tokens there are, without the tokens themselves',
    run: async (_args, _options, { apiClient }) => {
      const json = await apiClient().call('GET', '/v1/tokens');
      const text = json.items.map(
        ({ id, name, scopes, agencies, person, revoked, readable }) =>
          `${id}  ${name}  ${scopes.join(',')}${agencies.length === 0 ? '' : `  for ${agencies.join(', ')}`}${person === null ? '' : `  used by ${person}`}${revoked ? '  revoked' : ''}${readable ? '' : '  cannot be read, and is refused'}`,
      );
      return { json, text: text.length === 0 ? 'no token yet' : text.join('\n') };
    },
  },
];
