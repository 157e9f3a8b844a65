import ts from 'typescript-5';

/** One small change of a source file that its tests ought to notice. Positions are characters of the file's text. */
export interface Mutation {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A function with a body, and the changes that can be made inside it. */
export interface MutableFunction {
  readonly text: string;
  readonly mutations: readonly Mutation[];
}

const SWAPPED: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
};
const EACH = new Map([
  ['some', 'every'],
  ['every', 'some'],
]);

const at = (source: ts.SourceFile, node: ts.Node, name: string, text: string): Mutation => ({
  name,
  start: node.getStart(source),
  end: node.getEnd(),
  text,
});

const mutationsOf = (source: ts.SourceFile, node: ts.Node): readonly Mutation[] => {
  const change = (target: ts.Node, name: string, text: string): Mutation => at(source, target, name, text);
  if (ts.isBinaryExpression(node)) {
    const swapped = SWAPPED[node.operatorToken.kind];
    const isText = [node.left, node.right].some(ts.isStringLiteralLike);
    const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
    return swapped === undefined || (isSum && isText) ? [] : [change(node.operatorToken, 'other operator', swapped)];
  }
  if (ts.isIfStatement(node)) return [change(node.expression, 'never', 'false'), change(node.expression, 'always', 'true')];
  if (ts.isConditionalExpression(node))
    return [change(node.condition, 'never', 'false'), change(node.condition, 'always', 'true')];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [change(node, 'not negated', node.operand.getText(source))];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [change(node, 'other literal', 'false')];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [change(node, 'other literal', 'true')];
  if (ts.isNumericLiteral(node)) return [change(node, 'other literal', String(Number(node.text) + 1))];
  if (ts.isExpressionStatement(node)) return [change(node, 'statement left out', ';')];
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { name: method, expression: list } = node.expression;
  if (method.text === 'filter') return [change(node, 'not filtered', list.getText(source))];
  const other = EACH.get(method.text);
  return other === undefined ? [] : [change(method, 'other quantifier', other)];
};

/** A declared constant function or a method; a function inside another one belongs to the outer one. */
const functionOf = (node: ts.Node): ts.Node | undefined =>
  (ts.isArrowFunction(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body !== undefined
    ? node.body
    : undefined;

/** Returns the outermost functions of a TypeScript file that can be changed, in the order of the file. */
export const mutableFunctions = (path: string, text: string): readonly MutableFunction[] => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: MutableFunction[] = [];
  const inside = (node: ts.Node): readonly Mutation[] => {
    if (ts.isTypeNode(node)) return [];
    const deeper: Mutation[] = [];
    node.forEachChild((child) => void deeper.push(...inside(child)));
    return [...mutationsOf(source, node), ...deeper];
  };
  const visit = (node: ts.Node): void => {
    const body = functionOf(node);
    if (body === undefined) {
      node.forEachChild(visit);
      return;
    }
    const mutations = inside(body);
    if (mutations.length > 0) found.push({ text: body.getText(source), mutations });
  };
  visit(source);
  return found;
};
